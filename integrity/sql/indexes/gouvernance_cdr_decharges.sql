-- CDR_SANS_RECEPTION: the trucks of its window.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_cdr_decharges
    ON public.cours_de_route (created_at)
    WHERE statut = 'DECHARGE';
