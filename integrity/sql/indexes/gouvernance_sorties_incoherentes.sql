-- For SORTIE_INCOHERENTE, as gouvernance_receptions_incoherentes.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_sorties_incoherentes
ON public.sorties_produit (id)
WHERE statut = 'validee' AND CASE
    WHEN volume_ambiant IS NULL OR volume_ambiant <= 0 OR index_apres <= index_avant
        OR volume_corrige_15c IS NULL OR client_id IS NULL AND partenaire_id IS NULL
        OR greatest(abs(index_avant), abs(index_apres), abs(volume_ambiant)) > 1e12 THEN 'Infinity'
    ELSE abs(index_apres - index_avant - volume_ambiant)
END BETWEEN 0.1 AND 'Infinity';
