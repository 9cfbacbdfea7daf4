-- code: STOCK_OVER_CAPACITY
-- severity: CRITICAL
-- entity: CITERNE_STOCK
-- label: Capacité dépassée
-- rule: Citerne active dont le stock, tous propriétaires et produits, ambiant ou à 15 °C, dépasse capacite_totale − capacite_securite (tolérance 0, seuil).
-- why: Les livres placent dans la citerne plus de produit qu’elle ne peut en contenir : une réception est saisie dans la mauvaise citerne ou deux fois, une sortie n’est pas saisie, ou un débordement menace.
-- action: Suspendre les réceptions vers cette citerne ; la jauger ; rechercher la réception en double ou la sortie manquante de chaque propriétaire cité.
-- limits: Additionne les propriétaires et les produits d’une citerne active, un stock négatif comptant pour zéro. La capacité utile est capacite_totale − capacite_securite (règle V1), alors que le garde des sorties lit capacite_securite comme un fond impompable. Une valeur NaN ou infinie est ignorée.
-- occurred: Le dernier mouvement ou ajustement de la citerne : au plus tard ce moment-là.
-- threshold: tolerance = 0 L [0 ; 100000] Dépassement que l’on tolère
SELECT
    c.id AS entity_id,
    format(
        '%s · %s dépasse sa capacité utile de %s (%s pour %s)',
        c.nom, coalesce(d.nom, 'sans dépôt'),
        gouvernance.litres(greatest(t.stock_ambiant, t.stock_15c) - utile.litres),
        gouvernance.litres(greatest(t.stock_ambiant, t.stock_15c)),
        gouvernance.litres(utile.litres)
    ) AS message,
    jsonb_build_object(
        'figure', greatest(t.stock_ambiant, t.stock_15c) - utile.litres,
        'depot_id', c.depot_id,
        'citerne_id', c.id,
        'produit_id', c.produit_id,
        'stock_ambiant', t.stock_ambiant,
        'stock_15c', t.stock_15c,
        'capacite_totale', gouvernance.finite(c.capacite_totale::numeric),
        'capacite_securite', gouvernance.finite(c.capacite_securite::numeric),
        'capacite_utile', utile.litres,
        'proprietaires', lignes.proprietaires,
        'occurred_at', gouvernance.moment(t.last_change_at)
    ) AS payload
FROM (
    SELECT
        citerne_id,
        sum(greatest(stock_ambiant, 0)) AS stock_ambiant,
        sum(greatest(stock_15c, 0)) AS stock_15c,
        max(last_change_at) AS last_change_at
    FROM gouvernance.v_stock_reel
    GROUP BY citerne_id
) AS t
JOIN public.citernes AS c ON c.id = t.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN LATERAL (
    SELECT gouvernance.finite(c.capacite_totale::numeric - c.capacite_securite::numeric) AS litres
) AS utile
CROSS JOIN LATERAL (
    SELECT jsonb_agg(
        to_jsonb(s) - 'citerne_id' - 'last_change_at' ORDER BY s.produit_id, s.proprietaire_type
    ) AS proprietaires
    FROM gouvernance.v_stock_reel AS s
    WHERE s.citerne_id = c.id
) AS lignes
WHERE c.statut = 'active' AND greatest(t.stock_ambiant, t.stock_15c)
        > utile.litres + (SELECT gouvernance.threshold('STOCK_OVER_CAPACITY', 'tolerance'))
