-- code: SORTIE_ECART_15C
-- severity: WARN
-- entity: SORTIE
-- label: Sortie : écart à 15 °C
-- rule: Sortie validée, de volume ambiant positif, dont le volume à 15 °C s’en éloigne de plus de 5 % (seuil).
-- why: Le volume à 15 °C d’une sortie s’éloigne de plus de 5 % du volume ambiant, ce qu’aucune température de dépôt n’explique : le client est livré, et facturé, sur un volume faux.
-- action: Relire la densité et la température sur le bon de sortie ; recalculer le volume à 15 °C ; corriger par un ajustement motivé et prévenir le client.
-- limits: Ne juge que les sorties validées de volume ambiant positif dont un volume à 15 °C est saisi ; une valeur NaN ou infinie est tenue pour inconnue. Un écart faux mais inférieur au seuil passe.
-- occurred: La date et l’heure de la sortie.
-- threshold: ecart = 5 % [0.1 ; 50] Écart toléré entre volume ambiant et volume à 15 °C
SELECT
    s.id AS entity_id,
    format(
        'Sortie de %s · %s%s : écart de %s %% entre ambiant (%s) et 15 °C (%s)',
        c.nom, coalesce(d.nom, 'sans dépôt'), ', camion ' || s.plaque_camion,
        replace(round(v.ecart * 100, 3)::text, '.', ','),
        gouvernance.litres(v.ambiant), gouvernance.litres(v.v15c)
    ) AS message,
    jsonb_build_object(
        'figure', round(v.ecart * 100, 3),
        'sortie_id', s.id,
        'citerne_id', s.citerne_id,
        'depot_id', c.depot_id,
        'produit_id', s.produit_id,
        'proprietaire_type', s.proprietaire_type,
        'plaque_camion', s.plaque_camion,
        'volume_ambiant', v.ambiant,
        'volume_corrige_15c', v.v15c,
        'ecart_percent', round(v.ecart * 100, 3),
        'occurred_at', gouvernance.moment(s.date_sortie)
    ) AS payload
FROM public.sorties_produit AS s
JOIN public.citernes AS c ON c.id = s.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN LATERAL (
    SELECT m.ambiant, m.v15c, abs(m.v15c - m.ambiant) / nullif(m.ambiant, 0) AS ecart
    FROM (
        SELECT
            gouvernance.finite(s.volume_ambiant::numeric) AS ambiant,
            -- volume_15c exists on some installations only (contract, trap 6); read through jsonb,
            -- the day ML_PP adds the column this view reads it without being deployed again.
            gouvernance.finite(coalesce(
                (to_jsonb(s) ->> 'volume_15c')::numeric, s.volume_corrige_15c::numeric
            )) AS v15c
    ) AS m
) AS v
WHERE s.statut = 'validee' AND v.ambiant > 0 AND v.ecart > (SELECT gouvernance.threshold('SORTIE_ECART_15C', 'ecart')) / 100
