DROP TABLE IF EXISTS public.system_alerts;
DROP FUNCTION IF EXISTS gouvernance.system_alerts_set_updated_at();
DROP FUNCTION IF EXISTS gouvernance.system_alerts_set_actor();
