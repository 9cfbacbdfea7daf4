-- For DATE_ABERRANTE: empty as long as trucks load within 30 days of their record's creation.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_cdr_ecart_dates
ON public.cours_de_route (id)
WHERE CASE
    WHEN isfinite(date_chargement) AND isfinite(created_at)
    THEN abs(date_chargement - (created_at AT TIME ZONE interval '0')::date)
END BETWEEN 30 AND 2147483647;
