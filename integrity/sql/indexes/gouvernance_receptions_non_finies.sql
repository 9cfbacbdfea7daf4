-- For VOLUME_NON_FINI: empty as long as every figure is a number.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_receptions_non_finies
ON public.receptions (id)
WHERE greatest(
    abs(index_avant), abs(index_apres), abs(volume_ambiant), abs(volume_observe), abs(volume_15c),
    abs(volume_corrige_15c), abs(temperature_ambiante_c), abs(densite_a_15)
) BETWEEN 'Infinity' AND 'NaN';
