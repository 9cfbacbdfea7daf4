-- expects: policy plancher ON public.clients
CREATE POLICY plancher ON public.clients AS RESTRICTIVE FOR SELECT USING ((SELECT auth.uid()) IS NOT NULL);
