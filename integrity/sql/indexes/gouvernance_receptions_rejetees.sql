-- For CDR_RECEPTION_REJETEE: the few receptions that were rejected.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_receptions_rejetees
ON public.receptions (cours_de_route_id)
WHERE statut = 'rejetee' AND cours_de_route_id IS NOT NULL;
