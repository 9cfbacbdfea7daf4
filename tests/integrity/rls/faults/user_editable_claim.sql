-- expects: policy ancienne ON public.clients
CREATE POLICY ancienne ON public.clients FOR SELECT TO authenticated USING (
    (SELECT current_setting('request.jwt.claims', true))::jsonb -> 'user_metadata' ->> 'role' = 'admin'
);
