-- expects: public.clients
GRANT TRUNCATE ON public.clients TO authenticated;
