-- For the alert list: its counters, and the few CRITICAL alerts among all others. Not the time of detection,
-- which every evaluation changes in every row.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_alertes_etat
ON public.system_alerts (severity, status);
