DROP TRIGGER IF EXISTS zz_gouvernance_guard_update ON public.system_alerts;
DROP TRIGGER IF EXISTS zz_gouvernance_guard_acknowledgement ON public.system_alerts;
DROP TRIGGER IF EXISTS zz_gouvernance_guard_delete ON public.system_alerts;
DROP TRIGGER IF EXISTS zz_gouvernance_guard_truncate ON public.system_alerts;
DROP FUNCTION IF EXISTS gouvernance.guard_system_alerts();
DROP FUNCTION IF EXISTS gouvernance.keep_acknowledgement();
DROP FUNCTION IF EXISTS gouvernance.refuse_deletion();
