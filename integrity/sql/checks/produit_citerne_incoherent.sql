-- code: PRODUIT_CITERNE_INCOHERENT
-- severity: WARN
-- entity: RECEPTION, SORTIE, CITERNE_STOCK
-- label: Produit incohérent avec la citerne
-- rule: Mouvement validé d’un produit qui n’est pas celui de sa citerne ; ou citerne où deux produits, tous propriétaires confondus, ont chacun plus de 1 L (seuil) de stock réel. Mêler deux propriétaires est permis, mêler deux produits ne l’est pas.
-- why: Deux produits se mélangent dans une citerne, ce qui rend toute la charge invendable ; ou le mouvement est saisi dans la mauvaise citerne, et deux stocks sont faux.
-- action: Suspendre les sorties de la citerne ; comparer au bordereau et à la jauge. Une saisie fausse se corrige par deux ajustements motivés, un par citerne ; un vrai mélange se fait analyser.
-- limits: Compare au produit que la citerne a aujourd’hui : changer le produit d’une citerne fait alerter tous ses anciens mouvements, à accepter ou à traiter par une nouvelle citerne. Ne juge que les mouvements validés ; un stock NaN ou infini est tenu pour inconnu.
-- occurred: La date du mouvement (pour une réception, à minuit UTC) ; pour une citerne, son dernier mouvement ou ajustement : au plus tard ce moment-là.
-- threshold: tolerance = 1 L [0 ; 100000] Stock d’un second produit que l’on tolère
-- One pass over each table on purpose: which products a tank never saw is what the planner guesses worst,
-- and a nested loop on such a guess reads every movement several times.
SELECT
    'RECEPTION' AS entity_type,
    r.id AS entity_id,
    format(
        'Réception du %s dans %s · %s : %s, dans une citerne de %s',
        gouvernance.jour(r.date_reception), c.nom, coalesce(d.nom, 'sans dépôt'),
        coalesce(p.nom, 'produit inconnu'),
        coalesce(attendu.nom, 'produit inconnu')
    ) AS message,
    jsonb_build_object(
        'figure', gouvernance.finite(r.volume_ambiant::numeric),
        'reception_id', r.id,
        'citerne_id', c.id,
        'depot_id', c.depot_id,
        'produit_id', r.produit_id,
        'produit_citerne_id', c.produit_id,
        'proprietaire_type', r.proprietaire_type,
        'volume_ambiant', gouvernance.finite(r.volume_ambiant::numeric),
        'occurred_at', gouvernance.moment(r.date_reception)
    ) AS payload
FROM public.citernes AS c
JOIN public.receptions AS r ON r.citerne_id = c.id AND r.produit_id <> c.produit_id
LEFT JOIN public.produits AS p ON p.id = r.produit_id
LEFT JOIN public.produits AS attendu ON attendu.id = c.produit_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
WHERE r.statut = 'validee'
UNION ALL
SELECT
    'SORTIE',
    s.id,
    format(
        'Sortie de %s · %s%s : %s, d’une citerne de %s',
        c.nom, coalesce(d.nom, 'sans dépôt'), ', camion ' || s.plaque_camion, coalesce(p.nom, 'produit inconnu'),
        coalesce(attendu.nom, 'produit inconnu')
    ),
    jsonb_build_object(
        'figure', gouvernance.finite(s.volume_ambiant::numeric),
        'sortie_id', s.id,
        'citerne_id', c.id,
        'depot_id', c.depot_id,
        'produit_id', s.produit_id,
        'produit_citerne_id', c.produit_id,
        'proprietaire_type', s.proprietaire_type,
        'plaque_camion', s.plaque_camion,
        'volume_ambiant', gouvernance.finite(s.volume_ambiant::numeric),
        'occurred_at', gouvernance.moment(s.date_sortie)
    )
FROM public.citernes AS c
JOIN public.sorties_produit AS s ON s.citerne_id = c.id AND s.produit_id <> c.produit_id
LEFT JOIN public.produits AS p ON p.id = s.produit_id
LEFT JOIN public.produits AS attendu ON attendu.id = c.produit_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
WHERE s.statut = 'validee'
UNION ALL
SELECT
    'CITERNE_STOCK',
    c.id,
    format(
        '%s · %s : %s produits en stock dans une même citerne (%s)',
        c.nom, coalesce(d.nom, 'sans dépôt'), melange.nombre, melange.noms
    ),
    jsonb_build_object(
        'figure', melange.autres,
        'citerne_id', c.id,
        'depot_id', c.depot_id,
        'produit_id', c.produit_id,
        'produits', melange.produits,
        'occurred_at', melange.occurred_at
    )
FROM (
    SELECT
        s.citerne_id,
        count(*) AS nombre,
        sum(s.stock) - max(s.stock) AS autres,
        string_agg(
            coalesce(p.nom, 'produit inconnu') || ' ' || gouvernance.litres(s.stock), ', '
            ORDER BY s.stock DESC, s.produit_id
        ) AS noms,
        jsonb_agg(
            jsonb_build_object('produit_id', s.produit_id, 'stock_ambiant', s.stock)
            ORDER BY s.stock DESC, s.produit_id
        ) AS produits,
        max(s.last_change_at) AS occurred_at
    FROM (
        SELECT
            citerne_id, produit_id,
            sum(greatest(stock_ambiant, 0)) AS stock,
            max(gouvernance.moment(last_change_at)) AS last_change_at
        FROM gouvernance.v_stock_reel
        GROUP BY citerne_id, produit_id
    ) AS s
    LEFT JOIN public.produits AS p ON p.id = s.produit_id
    WHERE s.stock > (SELECT gouvernance.threshold('PRODUIT_CITERNE_INCOHERENT', 'tolerance'))
    GROUP BY s.citerne_id
    HAVING count(*) > 1
) AS melange
JOIN public.citernes AS c ON c.id = melange.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
