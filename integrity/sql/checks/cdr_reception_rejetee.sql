-- code: CDR_RECEPTION_REJETEE
-- severity: WARN
-- entity: CDR
-- label: Camion dont la réception est rejetée
-- rule: Cours de route dont la réception est rejetée et qui n’en a aucune validée, quel que soit son état.
-- why: ML_PP n’admet qu’une réception par cours de route, et une réception rejetée garde la place : la cargaison ne peut plus être reçue, l’application ne sait pas en sortir.
-- action: Décider du sort de la cargaison (retour, nouvelle mesure) ; si elle est reçue, le faire saisir sous un nouveau cours de route. Puis accepter la cause, ou escalader à l’équipe technique.
-- limits: Ne dit pas si la cargaison est repartie ou a été reçue sous un autre cours de route : la cause ne disparaît jamais d’elle-même, elle s’accepte. Un camion ARRIVE alerte aussi sous CDR_ARRIVE_STALE (règle V1).
-- occurred: Le jour de la réception rejetée, à minuit UTC : ML_PP ne garde pas celui du rejet.
SELECT
    cdr.id AS entity_id,
    format(
        'Camion %s : sa réception du %s dans %s · %s est rejetée, le cours de route (%s) ne peut plus être reçu',
        coalesce(cdr.plaque_camion, 'sans plaque'), gouvernance.jour(r.date_reception),
        coalesce(c.nom, 'citerne inconnue'), coalesce(d.nom, 'sans dépôt'), cdr.statut
    ) AS message,
    jsonb_build_object(
        'cours_de_route_id', cdr.id,
        'reception_id', r.id,
        'citerne_id', r.citerne_id,
        'depot_id', cdr.depot_destination_id,
        'produit_id', cdr.produit_id,
        'plaque_camion', cdr.plaque_camion,
        'statut', cdr.statut,
        'occurred_at', gouvernance.moment(r.date_reception)
    ) AS payload
FROM (
    -- the last one, where an installation lacks ML_PP's unique index
    SELECT DISTINCT ON (rejetee.cours_de_route_id) rejetee.*
    FROM public.receptions AS rejetee
    WHERE rejetee.statut = 'rejetee' AND rejetee.cours_de_route_id IS NOT NULL
    ORDER BY rejetee.cours_de_route_id, rejetee.date_reception DESC, rejetee.id
) AS r
JOIN public.cours_de_route AS cdr ON cdr.id = r.cours_de_route_id
LEFT JOIN public.citernes AS c ON c.id = r.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
WHERE NOT EXISTS (
    SELECT FROM public.receptions AS validee
    WHERE validee.cours_de_route_id = cdr.id AND validee.statut = 'validee'
)
