-- expects: public.clients
GRANT SELECT (nom) ON public.clients TO anon;
