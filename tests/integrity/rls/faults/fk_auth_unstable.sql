-- expects: constraint profils_email_fkey ON public.profils
ALTER TABLE auth.users ADD UNIQUE (email);
ALTER TABLE public.profils ADD FOREIGN KEY (email) REFERENCES auth.users (email);
