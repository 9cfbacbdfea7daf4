-- The contract's V1 rules as plainly as they can be written, without an index of ours (contract, section 2).
CREATE VIEW public.plain_v1 AS
SELECT
    'STOCK_NEGATIF' AS check_code, 'CRITICAL' AS severity, 'CITERNE_STOCK' AS entity_type,
    s.citerne_id AS entity_id,
    format('Stock négatif : %s L ambiant, %s L à 15 °C', s.stock_ambiant, s.stock_15c) AS message,
    jsonb_build_object(
        'depot_id', s.depot_id, 'citerne_id', s.citerne_id, 'produit_id', s.produit_id,
        'proprietaire_type', s.proprietaire_type, 'stock_ambiant', s.stock_ambiant,
        'stock_15c', s.stock_15c, 'threshold_negative', -0.01
    ) AS payload,
    now() AS detected_at
FROM public.v_stock_actuel AS s
WHERE s.stock_ambiant < -0.01 OR s.stock_15c < -0.01
UNION ALL
SELECT
    'STOCK_OVER_CAPACITY', 'CRITICAL', 'CITERNE_STOCK', s.citerne_id,
    format('Stock de %s L pour %s L utiles', s.stock_ambiant, c.capacite_totale - c.capacite_securite),
    jsonb_build_object(
        'depot_id', s.depot_id, 'citerne_id', s.citerne_id, 'produit_id', s.produit_id,
        'stock_ambiant', s.stock_ambiant, 'stock_15c', s.stock_15c,
        'capacite_totale', c.capacite_totale, 'capacite_securite', c.capacite_securite,
        'capacite_utile', c.capacite_totale - c.capacite_securite
    ),
    now()
FROM public.v_stock_actuel AS s
JOIN public.citernes AS c ON c.id = s.citerne_id
WHERE c.statut = 'active'
    AND greatest(s.stock_ambiant, s.stock_15c) > c.capacite_totale - c.capacite_securite
UNION ALL
SELECT
    'CDR_ARRIVE_STALE', 'WARN', 'CDR', cdr.id,
    format('Camion %s arrivé sans réception validée depuis le %s', cdr.plaque_camion, cdr.created_at),
    jsonb_build_object('cours_de_route_id', cdr.id, 'depot_id', cdr.depot_destination_id,
                       'produit_id', cdr.produit_id, 'created_at', cdr.created_at),
    now()
FROM public.cours_de_route AS cdr
WHERE cdr.statut = 'ARRIVE' AND cdr.created_at < now() - interval '2 days'
    AND NOT EXISTS (
        SELECT FROM public.receptions AS r WHERE r.cours_de_route_id = cdr.id AND r.statut = 'validee'
    )
UNION ALL
SELECT
    'RECEPTION_ECART_15C', 'WARN', 'RECEPTION', r.id,
    format('Réception : écart de %s %%', round((r.ecart * 100)::numeric, 3)),
    jsonb_build_object('reception_id', r.id, 'citerne_id', r.citerne_id, 'produit_id', r.produit_id,
                       'proprietaire_type', r.proprietaire_type, 'volume_ambiant', r.volume_ambiant,
                       'v15c_used', r.v15c, 'ecart_percent', round((r.ecart * 100)::numeric, 3)),
    now()
FROM (
    SELECT *, coalesce(volume_15c, volume_corrige_15c) AS v15c,
           abs(coalesce(volume_15c, volume_corrige_15c) - volume_ambiant) / volume_ambiant AS ecart
    FROM public.receptions
    WHERE statut = 'validee' AND volume_ambiant > 0
) AS r
WHERE r.ecart > 0.05
UNION ALL
SELECT
    'SORTIE_ECART_15C', 'WARN', 'SORTIE', s.id,
    format('Sortie : écart de %s %%', round((s.ecart * 100)::numeric, 3)),
    jsonb_build_object('sortie_id', s.id, 'citerne_id', s.citerne_id, 'produit_id', s.produit_id,
                       'proprietaire_type', s.proprietaire_type, 'volume_ambiant', s.volume_ambiant,
                       'volume_corrige_15c', s.volume_corrige_15c,
                       'ecart_percent', round((s.ecart * 100)::numeric, 3)),
    now()
FROM (
    SELECT *, abs(volume_corrige_15c - volume_ambiant) / volume_ambiant AS ecart
    FROM public.sorties_produit
    WHERE statut = 'validee' AND volume_ambiant > 0
) AS s
WHERE s.ecart > 0.05
