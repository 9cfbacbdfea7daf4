-- SORTIE_STOCK_INSUFFISANT, JOURNAL_DERIVE: what came in lately.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_receptions_date
    ON public.receptions (date_reception)
    WHERE statut = 'validee';
