-- expects: constraint log_actions_user_id_fkey ON public.log_actions
ALTER TABLE public.log_actions ADD FOREIGN KEY (user_id) REFERENCES auth.users;
