-- For CDR_SANS_RECEPTION, which looks at a window of creations, and DATE_ABERRANTE.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_cdr_dates
ON public.cours_de_route USING brin (created_at, date_chargement) WITH (autosummarize = on);
