-- For CDR_ARRIVE_STALE and CDR_BLOQUE: the few trucks not unloaded yet, among years of others.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_cdr_ouverts
ON public.cours_de_route (statut, created_at)
WHERE statut <> 'DECHARGE';
