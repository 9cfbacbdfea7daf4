-- For RECEPTION_INCOHERENTE: empty as long as the indexes agree with the volume within 0.1 L. Beyond 1e12 no
-- float8 is subtracted: it could overflow, and the row would not be written.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_receptions_incoherentes
ON public.receptions (id)
WHERE statut = 'validee' AND CASE
    WHEN volume_ambiant IS NULL OR volume_ambiant <= 0 OR index_apres <= index_avant
        OR coalesce(volume_15c, volume_corrige_15c) IS NULL
        OR greatest(abs(index_avant), abs(index_apres), abs(volume_ambiant)) > 1e12 THEN 'Infinity'
    ELSE abs(index_apres - index_avant - volume_ambiant)
END BETWEEN 0.1 AND 'Infinity';
