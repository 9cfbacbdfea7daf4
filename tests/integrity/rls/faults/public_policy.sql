-- expects: policy ancienne ON public.clients
CREATE POLICY ancienne ON public.clients FOR SELECT USING ((SELECT auth.uid()) IS NOT NULL);
