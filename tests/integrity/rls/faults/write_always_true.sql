-- expects: policy ancienne ON public.clients
CREATE POLICY ancienne ON public.clients FOR UPDATE TO authenticated
    USING ((SELECT auth.uid()) IS NOT NULL) WITH CHECK (true);
