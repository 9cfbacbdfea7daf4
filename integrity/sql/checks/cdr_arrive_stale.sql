-- code: CDR_ARRIVE_STALE
-- severity: WARN
-- entity: CDR
-- label: Camion arrivé, non réceptionné
-- rule: Cours de route ARRIVE créé il y a plus de deux jours (seuil), sans réception validée.
-- why: Un camion est déclaré arrivé sans réception validée : sa cargaison n’est pas dans le stock, ou l’a été sans être saisie.
-- action: Appeler le dépôt de destination ; valider la réception, ou corriger le statut du cours de route. Une réception rejetée occupe le cours de route pour toujours : accepter ou escalader.
-- limits: La date de création tient lieu d’arrivée (règle V1) : un vieux cours de route arrivé ce matin alerte aussitôt, un camion bloqué à la frontière n’alerte jamais.
-- occurred: La création du cours de route plus le délai accordé.
-- threshold: delai = 2 jours [0 ; 365] Délai accordé depuis la création du cours de route
SELECT
    cdr.id AS entity_id,
    format(
        'Camion %s : arrivé sans réception validée, cours de route créé le %s (destination %s)',
        coalesce(cdr.plaque_camion, 'sans plaque'),
        -- UTC as an interval: a zone's name would be looked up for every row
        gouvernance.jour((cdr.created_at AT TIME ZONE interval '0')::date),
        coalesce(d.nom, 'inconnue')
    ) AS message,
    jsonb_build_object(
        -- in the order in which jsonb keeps them: nothing to sort for every row
        'depot_id', cdr.depot_destination_id,
        'created_at', cdr.created_at,
        'produit_id', cdr.produit_id,
        'occurred_at', gouvernance.moment(cdr.created_at + seuil.delai),
        'plaque_camion', cdr.plaque_camion,
        'cours_de_route_id', cdr.id
    ) AS payload
FROM public.cours_de_route AS cdr
LEFT JOIN public.depots AS d ON d.id = cdr.depot_destination_id
CROSS JOIN (
    -- A day would be looked up in the session's zone for every row.
    SELECT gouvernance.threshold('CDR_ARRIVE_STALE', 'delai') * interval '24 hours' AS delai OFFSET 0
) AS seuil
WHERE cdr.statut = 'ARRIVE'
    AND cdr.created_at < now() - seuil.delai
    AND NOT EXISTS (
        SELECT FROM public.receptions AS r
        WHERE r.cours_de_route_id = cdr.id AND r.statut = 'validee'
    )
