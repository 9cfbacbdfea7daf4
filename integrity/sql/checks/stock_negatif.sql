-- code: STOCK_NEGATIF
-- severity: CRITICAL
-- entity: CITERNE_STOCK
-- label: Stock négatif
-- rule: Stock d’une citerne, pour un produit et un propriétaire, sous −0,01 L (seuil), ambiant ou à 15 °C : instantané plus ajustements, sans le plancher à zéro de v_stock_actuel.
-- why: Les livres disent qu’il est sorti d’une citerne plus de produit qu’il n’y en avait : un mouvement manque, est saisi deux fois, ou du carburant a disparu. L’application ML_PP affiche 0 et ne peut pas le montrer.
-- action: Jauger la citerne ; comparer la jauge aux mouvements et aux ajustements du propriétaire cité ; corriger par un ajustement motivé.
-- limits: Compare aux livres, pas à la jauge. Un couple citerne, produit, propriétaire sans ligne dans stocks_snapshot n’est pas jugé ; une valeur NaN ou infinie est tenue pour inconnue.
-- occurred: Le dernier mouvement ou ajustement de la ligne de stock la plus basse : au plus tard ce moment-là.
-- threshold: tolerance = 0.01 L [0 ; 10000] Litres sous zéro que l’on tolère
SELECT
    c.id AS entity_id,
    format(
        '%s · %s : stock négatif, %s ambiant et %s à 15 °C (%s)',
        c.nom, coalesce(d.nom, 'sans dépôt'),
        coalesce(gouvernance.litres(pire.stock_ambiant), 'inconnu'),
        coalesce(gouvernance.litres(pire.stock_15c), 'inconnu'),
        pire.proprietaire_type
    ) AS message,
    jsonb_build_object(
        'figure', -least(pire.stock_ambiant, pire.stock_15c),
        'depot_id', c.depot_id,
        'citerne_id', c.id,
        'produit_id', pire.produit_id,
        'proprietaire_type', pire.proprietaire_type,
        'stock_ambiant', pire.stock_ambiant,
        'stock_15c', pire.stock_15c,
        'threshold_negative', -seuil.tolerance,
        'occurred_at', gouvernance.moment(pire.last_change_at),
        'proprietaires', lignes.proprietaires
    ) AS payload
FROM (
    SELECT gouvernance.threshold('STOCK_NEGATIF', 'tolerance') AS tolerance OFFSET 0
) AS seuil
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (s.citerne_id) s.*
    FROM gouvernance.v_stock_reel AS s
    WHERE least(s.stock_ambiant, s.stock_15c) < -seuil.tolerance
    ORDER BY s.citerne_id, least(s.stock_ambiant, s.stock_15c), s.produit_id, s.proprietaire_type
) AS pire
JOIN public.citernes AS c ON c.id = pire.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN LATERAL (
    SELECT jsonb_agg(
        to_jsonb(s) - 'citerne_id' - 'last_change_at' ORDER BY s.produit_id, s.proprietaire_type
    ) AS proprietaires
    FROM gouvernance.v_stock_reel AS s
    WHERE s.citerne_id = c.id
) AS lignes
