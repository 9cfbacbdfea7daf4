-- code: CDR_SANS_RECEPTION
-- severity: WARN
-- entity: CDR
-- label: Camion déchargé, sans réception
-- rule: Cours de route DECHARGE créé il y a plus de deux jours (seuil), sans réception validée ni rejetée.
-- why: Un camion est déclaré déchargé et aucune réception ne dit où ni combien : sa cargaison est dans une citerne et pas dans les livres, ou n’est jamais arrivée.
-- action: Retrouver le bordereau de déchargement ; saisir et valider la réception, ou corriger le statut du cours de route.
-- limits: La création tient lieu de déchargement, dont ML_PP ne garde pas la date. Une réception rejetée relève de CDR_RECEPTION_REJETEE. Ne cherche que dans la fenêtre : au-delà, l’alerte est résolue par le système bien que rien n’ait changé.
-- occurred: La création du cours de route plus le délai accordé.
-- threshold: delai = 2 jours [0 ; 365] Délai accordé depuis la création du cours de route
-- threshold: fenetre = 90 jours [1 ; 3650] Ancienneté, une fois le délai passé, au-delà de laquelle on ne cherche plus
SELECT
    cdr.id AS entity_id,
    format(
        'Camion %s : déchargé sans réception, cours de route créé le %s (destination %s)',
        coalesce(cdr.plaque_camion, 'sans plaque'),
        gouvernance.jour((cdr.created_at AT TIME ZONE interval '0')::date),
        coalesce(d.nom, 'inconnue')
    ) AS message,
    jsonb_build_object(
        'cours_de_route_id', cdr.id,
        'depot_id', cdr.depot_destination_id,
        'produit_id', cdr.produit_id,
        'plaque_camion', cdr.plaque_camion,
        'volume', gouvernance.finite(cdr.volume),
        'created_at', cdr.created_at,
        'occurred_at', gouvernance.moment(
            cdr.created_at + (SELECT gouvernance.threshold('CDR_SANS_RECEPTION', 'delai')) * interval '1 day'
        )
    ) AS payload
FROM public.cours_de_route AS cdr
LEFT JOIN public.depots AS d ON d.id = cdr.depot_destination_id
WHERE cdr.statut = 'DECHARGE'
    AND cdr.created_at < (
        SELECT now() - gouvernance.threshold('CDR_SANS_RECEPTION', 'delai') * interval '1 day'
    )
    AND cdr.created_at >= (
        SELECT now()
            - gouvernance.threshold('CDR_SANS_RECEPTION', 'delai') * interval '1 day'
            - gouvernance.threshold('CDR_SANS_RECEPTION', 'fenetre') * interval '1 day'
    )
    AND NOT EXISTS (
        SELECT FROM public.receptions AS r
        WHERE r.cours_de_route_id = cdr.id AND r.statut IN ('validee', 'rejetee')
    )
