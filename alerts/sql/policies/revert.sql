DROP POLICY IF EXISTS gouvernance_read ON public.system_alerts;
DROP POLICY IF EXISTS gouvernance_handle ON public.system_alerts;
DROP POLICY IF EXISTS gouvernance_floor_read ON public.system_alerts;
DROP POLICY IF EXISTS gouvernance_floor_handle ON public.system_alerts;
DROP POLICY IF EXISTS gouvernance_floor_insert ON public.system_alerts;
DROP POLICY IF EXISTS gouvernance_floor_delete ON public.system_alerts;
DROP POLICY IF EXISTS gouvernance_floor_anon ON public.system_alerts;
