-- code: CDR_ARRIVE_STALE
-- severity: WARN
-- entity: CDR
-- label: Camion arrivé, non réceptionné
-- why: Un camion est déclaré arrivé sans réception validée : sa cargaison n’est pas dans le stock, ou l’a été sans être saisie.
-- action: Appeler le dépôt de destination ; valider la réception, ou corriger le statut du cours de route. Une réception rejetée occupe le cours de route pour toujours : accepter ou escalader.
-- limits: La date de création tient lieu d’arrivée (règle V1) : un vieux cours de route arrivé ce matin alerte aussitôt, un camion bloqué à la frontière n’alerte jamais.
SELECT
    cdr.id AS entity_id,
    format(
        'Camion %s : arrivé sans réception validée, cours de route créé le %s (destination %s)',
        coalesce(cdr.plaque_camion, 'sans plaque'),
        gouvernance.jour((cdr.created_at AT TIME ZONE 'UTC')::date),
        coalesce(d.nom, 'inconnue')
    ) AS message,
    jsonb_build_object(
        'cours_de_route_id', cdr.id,
        'depot_id', cdr.depot_destination_id,
        'produit_id', cdr.produit_id,
        'plaque_camion', cdr.plaque_camion,
        'created_at', cdr.created_at
    ) AS payload
FROM public.cours_de_route AS cdr
LEFT JOIN public.depots AS d ON d.id = cdr.depot_destination_id
WHERE cdr.statut = 'ARRIVE'
    AND cdr.created_at < now() - interval '2 days'
    AND NOT EXISTS (
        SELECT FROM public.receptions AS r
        WHERE r.cours_de_route_id = cdr.id AND r.statut = 'validee'
    )
