-- For PROPRIETAIRE_INCOHERENT: empty as long as no reception contradicts its owner.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_receptions_proprietaire
ON public.receptions (id)
WHERE statut = 'validee' AND CASE
    WHEN proprietaire_type = 'MONALUXE' AND partenaire_id IS NOT NULL
        OR proprietaire_type = 'PARTENAIRE' AND partenaire_id IS NULL THEN 1
END = 1;
