-- CDR_ARRIVE_STALE and CDR_BLOQUE: the few trucks on the road or waiting, among years of unloaded ones.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_cdr_ouverts
    ON public.cours_de_route (statut, created_at)
    WHERE statut <> 'DECHARGE';
