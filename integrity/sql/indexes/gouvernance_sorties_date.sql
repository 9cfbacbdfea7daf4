-- SORTIE_STOCK_INSUFFISANT, JOURNAL_DERIVE: what went out lately.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_sorties_date
    ON public.sorties_produit (date_sortie)
    WHERE statut = 'validee';
