-- code: CDR_BLOQUE
-- severity: WARN
-- entity: CDR
-- label: Camion bloqué en route
-- rule: Cours de route CHARGEMENT, TRANSIT ou FRONTIERE depuis plus longtemps que le seuil de son état (5, 10 et 7 jours), compté de la création, ou du chargement quand il est daté pour TRANSIT et FRONTIERE.
-- why: Un camion chargé n’avance plus : panne, vol, papiers retenus à la frontière, ou état que personne n’a mis à jour. Sa cargaison est payée et n’est dans aucun stock.
-- action: Appeler le transporteur ; à la frontière, le transitaire. Mettre à jour l’état du cours de route, ou le clore si le voyage n’a pas lieu.
-- limits: ML_PP ne garde pas l’histoire des états : l’âge est celui du voyage, non celui de l’état. Une date de chargement infinie ou future n’est pas crue ; fausse mais possible, elle fausse l’âge. Sans aucune date, rien. Aucune mesure : des jours croissent d’eux-mêmes, et rouvriraient ce qui est accepté.
-- occurred: La création, ou le chargement daté, plus le délai de l’état.
-- threshold: chargement = 5 jours [0 ; 365] Délai d’un camion en chargement, depuis la création
-- threshold: transit = 10 jours [0 ; 365] Délai d’un camion en transit, depuis le chargement
-- threshold: frontiere = 7 jours [0 ; 365] Délai d’un camion à la frontière, depuis le chargement
SELECT
    cdr.id AS entity_id,
    format(
        'Camion %s : toujours %s, %s le %s (destination %s)',
        coalesce(cdr.plaque_camion, 'sans plaque'),
        CASE cdr.statut
            WHEN 'CHARGEMENT' THEN 'en chargement'
            WHEN 'TRANSIT' THEN 'en transit'
            ELSE 'à la frontière'
        END,
        CASE WHEN trajet.charge_le IS NULL THEN 'cours de route créé' ELSE 'chargé' END,
        gouvernance.jour((age.depuis AT TIME ZONE interval '0')::date),
        coalesce(d.nom, 'inconnue')
    ) AS message,
    jsonb_build_object(
        'cours_de_route_id', cdr.id,
        'depot_id', cdr.depot_destination_id,
        'produit_id', cdr.produit_id,
        'plaque_camion', cdr.plaque_camion,
        'statut', cdr.statut,
        'date_chargement', cdr.date_chargement,
        'created_at', cdr.created_at,
        'occurred_at', gouvernance.moment(age.depuis + age.delai)
    ) AS payload
FROM public.cours_de_route AS cdr
LEFT JOIN public.depots AS d ON d.id = cdr.depot_destination_id
CROSS JOIN (
    SELECT
        gouvernance.threshold('CDR_BLOQUE', 'chargement') * interval '1 day' AS chargement,
        gouvernance.threshold('CDR_BLOQUE', 'transit') * interval '1 day' AS transit,
        gouvernance.threshold('CDR_BLOQUE', 'frontiere') * interval '1 day' AS frontiere
    OFFSET 0
) AS seuil
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN cdr.statut <> 'CHARGEMENT' AND gouvernance.moment(cdr.date_chargement) < now()
        THEN gouvernance.moment(cdr.date_chargement)
    END AS charge_le
) AS trajet
CROSS JOIN LATERAL (
    SELECT
        coalesce(trajet.charge_le, gouvernance.moment(cdr.created_at)) AS depuis,
        CASE cdr.statut
            WHEN 'CHARGEMENT' THEN seuil.chargement
            WHEN 'TRANSIT' THEN seuil.transit
            ELSE seuil.frontiere
        END AS delai
) AS age
WHERE cdr.statut IN ('CHARGEMENT', 'TRANSIT', 'FRONTIERE')
    AND age.depuis < now() - age.delai
