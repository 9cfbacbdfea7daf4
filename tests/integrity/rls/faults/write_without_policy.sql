-- expects: public.clients (authenticated)
GRANT DELETE ON public.clients TO authenticated;
