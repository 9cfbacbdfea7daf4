-- code: CITERNE_INACTIVE_UTILISEE
-- severity: CRITICAL
-- entity: RECEPTION, SORTIE
-- label: Citerne hors service utilisée
-- rule: Mouvement validé daté des 30 derniers jours (seuil) dans une citerne aujourd’hui inactive ou en maintenance.
-- why: Du produit est entré dans une citerne fermée, ou en est sorti : le mouvement est saisi dans la mauvaise citerne, ou des gens travaillent sur une citerne en charge.
-- action: Appeler le dépôt ; vérifier que personne ne travaille sur la citerne ; corriger le statut de la citerne, ou le stock des deux citernes par deux ajustements motivés.
-- limits: ML_PP ne garde pas l’histoire du statut : une citerne fermée après le mouvement alerte aussi, jusqu’à la fin de la fenêtre, et une citerne rouverte depuis n’alerte plus. Un mouvement plus ancien que la fenêtre, ou daté de l’avenir, n’est pas jugé.
-- occurred: La date du mouvement ; pour une réception, à minuit UTC.
-- threshold: fenetre = 30 jours [1 ; 366] Ancienneté des mouvements jugés
SELECT
    'RECEPTION' AS entity_type,
    r.id AS entity_id,
    format(
        '%s · %s : réception du %s de %s dans une citerne %s',
        c.nom, coalesce(d.nom, 'sans dépôt'), gouvernance.jour(r.date_reception),
        coalesce(gouvernance.litres(v.ambiant), 'volume inconnu'),
        CASE c.statut WHEN 'maintenance' THEN 'en maintenance' ELSE 'inactive' END
    ) AS message,
    jsonb_build_object(
        'figure', v.ambiant,
        'reception_id', r.id,
        'citerne_id', c.id,
        'depot_id', c.depot_id,
        'produit_id', r.produit_id,
        'proprietaire_type', r.proprietaire_type,
        'statut', c.statut,
        'volume_ambiant', v.ambiant,
        'occurred_at', gouvernance.moment(r.date_reception)
    ) AS payload
FROM public.citernes AS c
JOIN public.receptions AS r ON r.citerne_id = c.id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN LATERAL (SELECT gouvernance.finite(r.volume_ambiant::numeric) AS ambiant) AS v
WHERE c.statut IN ('inactive', 'maintenance') AND r.statut = 'validee'
    AND r.date_reception BETWEEN (
        SELECT (now() AT TIME ZONE interval '0')::date
            - gouvernance.threshold('CITERNE_INACTIVE_UTILISEE', 'fenetre')::integer
    ) AND (SELECT (now() AT TIME ZONE interval '0')::date + 1)
UNION ALL
SELECT
    'SORTIE',
    s.id,
    format(
        '%s · %s : sortie de %s%s d’une citerne %s',
        c.nom, coalesce(d.nom, 'sans dépôt'), coalesce(gouvernance.litres(v.ambiant), 'volume inconnu'),
        ', camion ' || s.plaque_camion || ',',
        CASE c.statut WHEN 'maintenance' THEN 'en maintenance' ELSE 'inactive' END
    ),
    jsonb_build_object(
        'figure', v.ambiant,
        'sortie_id', s.id,
        'citerne_id', c.id,
        'depot_id', c.depot_id,
        'produit_id', s.produit_id,
        'proprietaire_type', s.proprietaire_type,
        'plaque_camion', s.plaque_camion,
        'statut', c.statut,
        'volume_ambiant', v.ambiant,
        'occurred_at', gouvernance.moment(s.date_sortie)
    )
FROM public.citernes AS c
JOIN public.sorties_produit AS s ON s.citerne_id = c.id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN LATERAL (SELECT gouvernance.finite(s.volume_ambiant::numeric) AS ambiant) AS v
WHERE c.statut IN ('inactive', 'maintenance') AND s.statut = 'validee'
    AND s.date_sortie BETWEEN now()
        - (SELECT gouvernance.threshold('CITERNE_INACTIVE_UTILISEE', 'fenetre')) * interval '1 day'
        AND now() + interval '1 day'
