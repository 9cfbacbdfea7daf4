-- expects: policy ancienne ON public.clients
CREATE POLICY ancienne ON public.clients FOR SELECT TO authenticated USING (
    (SELECT auth.role()) = 'authenticated' AND EXISTS (
        SELECT FROM public.profils AS p WHERE p.user_id = auth.uid()
    )
);
