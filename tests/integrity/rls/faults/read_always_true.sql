-- expects: policy ancienne ON public.clients
CREATE POLICY ancienne ON public.clients FOR SELECT TO authenticated USING (true);
