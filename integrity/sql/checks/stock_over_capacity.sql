-- code: STOCK_OVER_CAPACITY
-- severity: CRITICAL
-- entity: CITERNE_STOCK
-- label: Capacité dépassée
-- why: Les livres placent dans la citerne plus de produit qu’elle ne peut en contenir : une réception est saisie dans la mauvaise citerne ou deux fois, une sortie n’est pas saisie, ou un débordement menace.
-- action: Suspendre les réceptions vers cette citerne ; la jauger ; rechercher la réception en double ou la sortie manquante de chaque propriétaire cité.
-- limits: Additionne les propriétaires et les produits d’une citerne active, un stock négatif comptant pour zéro. La capacité utile est capacite_totale − capacite_securite (règle V1), alors que le garde des sorties lit capacite_securite comme un fond impompable. Une valeur NaN ou infinie est ignorée.
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
        'proprietaires', t.proprietaires
    ) AS payload
FROM public.citernes AS c
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN LATERAL (
    SELECT gouvernance.finite(c.capacite_totale::numeric - c.capacite_securite::numeric) AS litres
) AS utile
CROSS JOIN LATERAL (
    SELECT
        sum(greatest(s.stock_ambiant, 0)) AS stock_ambiant,
        sum(greatest(s.stock_15c, 0)) AS stock_15c,
        jsonb_agg(to_jsonb(s) - 'citerne_id' ORDER BY s.produit_id, s.proprietaire_type) AS proprietaires
    FROM gouvernance.v_stock_reel AS s
    WHERE s.citerne_id = c.id
) AS t
WHERE c.statut = 'active' AND greatest(t.stock_ambiant, t.stock_15c) > utile.litres
