-- For SORTIE_ECART_15C, as gouvernance_receptions_ecart_15c. It can't hold sorties_produit.volume_15c, which
-- exists on some installations only: there the check reads every sortie.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_sorties_ecart_15c
ON public.sorties_produit (id)
WHERE statut = 'validee' AND CASE
    WHEN volume_corrige_15c < volume_ambiant * 0.98 OR volume_ambiant < volume_corrige_15c * 0.98 THEN 1
END = 1;
