-- code: RECEPTION_ECART_15C
-- severity: WARN
-- entity: RECEPTION
-- label: Réception : écart à 15 °C
-- rule: Réception validée, de volume ambiant positif, dont le volume à 15 °C s’en éloigne de plus de 5 % (seuil).
-- why: Le volume à 15 °C d’une réception s’éloigne de plus de 5 % du volume ambiant, ce qu’aucune température de dépôt n’explique : saisie fausse, ou calcul volumétrique faux, donc stock et facture faux.
-- action: Relire la densité et la température sur le bordereau ; recalculer le volume à 15 °C ; corriger par un ajustement motivé.
-- limits: Ne juge que les réceptions validées de volume ambiant positif dont un volume à 15 °C est saisi ; une valeur NaN ou infinie est tenue pour inconnue. Un écart faux mais inférieur au seuil passe. Un seuil sous 3 % fait relire toutes les réceptions à chaque évaluation.
-- occurred: Le jour de la réception, à minuit UTC : ML_PP n’en garde pas l’heure.
-- threshold: ecart = 5 % [0.1 ; 50] Écart toléré entre volume ambiant et volume à 15 °C
SELECT
    r.id AS entity_id,
    format(
        'Réception du %s dans %s · %s : écart de %s %% entre ambiant (%s) et 15 °C (%s)',
        gouvernance.jour(r.date_reception), c.nom, coalesce(d.nom, 'sans dépôt'),
        replace(v.pour_cent::text, '.', ','),
        gouvernance.litres(v.ambiant), gouvernance.litres(v.v15c)
    ) AS message,
    jsonb_build_object(
        'figure', v.pour_cent,
        'reception_id', r.id,
        'citerne_id', r.citerne_id,
        'depot_id', c.depot_id,
        'produit_id', r.produit_id,
        'proprietaire_type', r.proprietaire_type,
        'volume_ambiant', v.ambiant,
        'v15c_used', v.v15c,
        'ecart_percent', v.pour_cent,
        'occurred_at', gouvernance.moment(r.date_reception)
    ) AS payload
FROM (
    SELECT
        id, citerne_id, produit_id, proprietaire_type, date_reception, volume_ambiant, volume_15c,
        volume_corrige_15c
    FROM public.receptions
    WHERE statut = 'validee' AND (SELECT gouvernance.threshold('RECEPTION_ECART_15C', 'ecart') >= 3)
        -- the index's own words: beyond about 2 %, whatever the rounding
        AND CASE
            WHEN coalesce(volume_15c, volume_corrige_15c) < volume_ambiant * 0.98
                OR volume_ambiant < coalesce(volume_15c, volume_corrige_15c) * 0.98 THEN 1
        END = 1
    UNION ALL
    SELECT
        id, citerne_id, produit_id, proprietaire_type, date_reception, volume_ambiant, volume_15c,
        volume_corrige_15c
    FROM public.receptions
    WHERE statut = 'validee' AND (SELECT gouvernance.threshold('RECEPTION_ECART_15C', 'ecart') < 3)
) AS r
JOIN public.citernes AS c ON c.id = r.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN LATERAL (  -- OFFSET 0: each figure is worked out once, not wherever it is named
    SELECT e.*, round(e.ecart * 100, 3) AS pour_cent
    FROM (
        SELECT m.ambiant, m.v15c, abs(m.v15c - m.ambiant) / nullif(m.ambiant, 0) AS ecart
        FROM (
            SELECT
                gouvernance.finite(r.volume_ambiant::numeric) AS ambiant,
                gouvernance.finite(coalesce(r.volume_15c, r.volume_corrige_15c)::numeric) AS v15c
            OFFSET 0
        ) AS m
        OFFSET 0
    ) AS e
    OFFSET 0
) AS v
WHERE v.ambiant > 0 AND v.ecart > (SELECT gouvernance.threshold('RECEPTION_ECART_15C', 'ecart')) / 100
