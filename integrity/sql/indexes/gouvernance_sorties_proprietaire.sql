-- For PROPRIETAIRE_INCOHERENT: empty as long as no sortie contradicts its owner.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_sorties_proprietaire
ON public.sorties_produit (id)
WHERE statut = 'validee' AND CASE
    WHEN proprietaire_type = 'MONALUXE' AND partenaire_id IS NOT NULL
        OR proprietaire_type = 'PARTENAIRE' AND partenaire_id IS NULL
        OR client_id IS NOT NULL AND partenaire_id IS NOT NULL THEN 1
END = 1;
