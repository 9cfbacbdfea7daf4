-- For VOLUME_NON_FINI: empty as long as every figure is a number.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_sorties_non_finies
ON public.sorties_produit (id)
WHERE greatest(
    abs(index_avant), abs(index_apres), abs(volume_ambiant), abs(volume_corrige_15c),
    abs(temperature_ambiante_c), abs(densite_a_15)
) BETWEEN 'Infinity' AND 'NaN';
