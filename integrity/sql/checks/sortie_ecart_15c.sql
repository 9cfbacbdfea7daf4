-- code: SORTIE_ECART_15C
-- severity: WARN
-- entity: SORTIE
-- label: Sortie : écart à 15 °C
-- rule: Sortie validée, de volume ambiant positif, dont le volume à 15 °C s’en éloigne de plus de 5 % (seuil).
-- why: Le volume à 15 °C d’une sortie s’éloigne de plus de 5 % du volume ambiant, ce qu’aucune température de dépôt n’explique : le client est livré, et facturé, sur un volume faux.
-- action: Relire la densité et la température sur le bon de sortie ; recalculer le volume à 15 °C ; corriger par un ajustement motivé et prévenir le client.
-- limits: Ne juge que les sorties validées de volume ambiant positif dont un volume à 15 °C est saisi ; une valeur NaN ou infinie est tenue pour inconnue. Un écart faux mais inférieur au seuil passe. Un seuil sous 3 %, ou une colonne volume_15c dans sorties_produit, fait relire toutes les sorties à chaque évaluation.
-- occurred: La date et l’heure de la sortie.
-- threshold: ecart = 5 % [0.1 ; 50] Écart toléré entre volume ambiant et volume à 15 °C
SELECT
    s.id AS entity_id,
    format(
        'Sortie de %s · %s%s : écart de %s %% entre ambiant (%s) et 15 °C (%s)',
        c.nom, coalesce(d.nom, 'sans dépôt'), ', camion ' || s.plaque_camion,
        replace(v.pour_cent::text, '.', ','),
        gouvernance.litres(v.ambiant), gouvernance.litres(v.v15c)
    ) AS message,
    jsonb_build_object(
        'figure', v.pour_cent,
        'sortie_id', s.id,
        'citerne_id', s.citerne_id,
        'depot_id', c.depot_id,
        'produit_id', s.produit_id,
        'proprietaire_type', s.proprietaire_type,
        'plaque_camion', s.plaque_camion,
        'volume_ambiant', v.ambiant,
        'volume_corrige_15c', v.v15c,
        'ecart_percent', v.pour_cent,
        'occurred_at', gouvernance.moment(s.date_sortie)
    ) AS payload
FROM (
    -- volume_15c exists on some installations only (contract, trap 6), and no index can hold it. Read through
    -- jsonb, the day ML_PP adds the column this view reads it without being deployed again.
    SELECT
        s.id, s.citerne_id, s.produit_id, s.proprietaire_type, s.plaque_camion, s.date_sortie, s.volume_ambiant,
        s.volume_corrige_15c::numeric AS v15c
    FROM public.sorties_produit AS s
    WHERE s.statut = 'validee' AND (SELECT gouvernance.threshold('SORTIE_ECART_15C', 'ecart') >= 3)
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_attribute
            WHERE attrelid = 'public.sorties_produit'::regclass
                AND attname = 'volume_15c' AND NOT attisdropped
        )
        -- the index's own words: beyond about 2 %, whatever the rounding
        AND CASE
            WHEN volume_corrige_15c < volume_ambiant * 0.98 OR volume_ambiant < volume_corrige_15c * 0.98 THEN 1
        END = 1
    UNION ALL
    SELECT
        s.id, s.citerne_id, s.produit_id, s.proprietaire_type, s.plaque_camion, s.date_sortie, s.volume_ambiant,
        coalesce((to_jsonb(s) ->> 'volume_15c')::numeric, s.volume_corrige_15c::numeric)
    FROM public.sorties_produit AS s
    WHERE s.statut = 'validee' AND (
        SELECT gouvernance.threshold('SORTIE_ECART_15C', 'ecart') < 3 OR EXISTS (
            SELECT FROM pg_catalog.pg_attribute
            WHERE attrelid = 'public.sorties_produit'::regclass
                AND attname = 'volume_15c' AND NOT attisdropped
        )
    )
) AS s
JOIN public.citernes AS c ON c.id = s.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN LATERAL (  -- OFFSET 0: each figure is worked out once, not wherever it is named
    SELECT e.*, round(e.ecart * 100, 3) AS pour_cent
    FROM (
        SELECT m.ambiant, m.v15c, abs(m.v15c - m.ambiant) / nullif(m.ambiant, 0) AS ecart
        FROM (
            SELECT
                gouvernance.finite(s.volume_ambiant::numeric) AS ambiant,
                gouvernance.finite(s.v15c) AS v15c
            OFFSET 0
        ) AS m
        OFFSET 0
    ) AS e
    OFFSET 0
) AS v
WHERE v.ambiant > 0 AND v.ecart > (SELECT gouvernance.threshold('SORTIE_ECART_15C', 'ecart')) / 100
