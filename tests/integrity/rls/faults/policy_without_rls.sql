-- expects: public.clients
ALTER TABLE public.clients DISABLE ROW LEVEL SECURITY;
