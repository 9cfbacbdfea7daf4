-- expects: policy ancienne ON public.clients
CREATE POLICY ancienne ON public.clients FOR UPDATE TO authenticated USING (
    EXISTS (SELECT FROM public.profils AS p WHERE p.id = (SELECT auth.uid()) AND p.role = 'admin')
);
