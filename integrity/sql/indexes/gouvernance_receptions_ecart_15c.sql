-- For RECEPTION_ECART_15C: empty as long as volumes at 15 °C lie near the ambient ones. A factor under 1
-- neither overflows nor underflows, so that no row can fail to be written; CASE … = 1 makes the planner
-- expect few rows.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_receptions_ecart_15c
ON public.receptions (id)
WHERE statut = 'validee' AND CASE
    WHEN coalesce(volume_15c, volume_corrige_15c) < volume_ambiant * 0.98
        OR volume_ambiant < coalesce(volume_15c, volume_corrige_15c) * 0.98 THEN 1
END = 1;
