-- code: DATE_ABERRANTE
-- severity: WARN
-- entity: RECEPTION, SORTIE, CDR
-- label: Date aberrante
-- rule: Mouvement validé daté d’avant 2015 (seuil) ou d’une date infinie ; cours de route chargé ou créé avant 2015, à une date infinie ou à plus d’un jour (seuil) dans l’avenir, ou chargé à plus de 180 jours (seuil) de sa création.
-- why: Une date impossible fausse les stocks journaliers, les délais et les rapports, et cache la ligne à qui cherche par période.
-- action: Relire le bordereau ; corriger la date dans ML_PP. Un mouvement validé ne se modifie plus : accepter l’alerte avec la vraie date en commentaire.
-- limits: Ne voit que l’impossible : une date fausse mais plausible passe. Un mouvement daté de l’avenir relève de RECEPTION_INCOHERENTE ou de SORTIE_INCOHERENTE. Les jours sont comptés en UTC.
-- occurred: La saisie de la ligne ; inconnu quand c’est la date de saisie qui est aberrante.
-- threshold: annee_min = 2015 année [1990 ; 2026] Première année plausible
-- threshold: ecart = 180 jours [30 ; 3650] Écart toléré entre le chargement et la création du cours de route
-- threshold: avance = 1 jours [0 ; 30] Avance tolérée d’une date sur aujourd’hui
SELECT
    'RECEPTION' AS entity_type,
    r.id AS entity_id,
    format(
        'Réception dans %s · %s : datée %s',
        c.nom, coalesce(d.nom, 'sans dépôt'),
        CASE
            WHEN isfinite(r.date_reception) THEN 'du ' || gouvernance.jour(r.date_reception)
            ELSE 'de l’infini'
        END
    ) AS message,
    jsonb_build_object(
        'reception_id', r.id,
        'citerne_id', r.citerne_id,
        'depot_id', c.depot_id,
        'produit_id', r.produit_id,
        'date_reception', r.date_reception,
        'created_at', r.created_at,
        'occurred_at', CASE WHEN r.created_at <= now() THEN gouvernance.moment(r.created_at) END
    ) AS payload
FROM public.receptions AS r
JOIN public.citernes AS c ON c.id = r.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
WHERE r.statut = 'validee' AND (
    r.date_reception BETWEEN '-infinity' AND (
        SELECT make_date(gouvernance.threshold('DATE_ABERRANTE', 'annee_min')::integer, 1, 1) - 1
    )
    OR r.date_reception = 'infinity'
)
UNION ALL
SELECT
    'SORTIE',
    s.id,
    format(
        'Sortie de %s · %s%s : datée %s',
        c.nom, coalesce(d.nom, 'sans dépôt'), ', camion ' || s.plaque_camion,
        CASE
            WHEN isfinite(s.date_sortie)
            THEN 'du ' || gouvernance.jour((s.date_sortie AT TIME ZONE interval '0')::date)
            ELSE 'de l’infini'
        END
    ),
    jsonb_build_object(
        'sortie_id', s.id,
        'citerne_id', s.citerne_id,
        'depot_id', c.depot_id,
        'produit_id', s.produit_id,
        'plaque_camion', s.plaque_camion,
        'date_sortie', s.date_sortie,
        'created_at', s.created_at,
        'occurred_at', CASE WHEN s.created_at <= now() THEN gouvernance.moment(s.created_at) END
    )
FROM public.sorties_produit AS s
JOIN public.citernes AS c ON c.id = s.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
WHERE s.statut = 'validee' AND (
    s.date_sortie BETWEEN '-infinity' AND (
        SELECT (make_date(gouvernance.threshold('DATE_ABERRANTE', 'annee_min')::integer, 1, 1)
            - 1 + time '23:59:59.999999') AT TIME ZONE interval '0'
    )
    OR s.date_sortie = 'infinity'
)
UNION ALL
SELECT
    'CDR',
    cdr.id,
    format('Camion %s : %s', coalesce(cdr.plaque_camion, 'sans plaque'), array_to_string(v.fautes, ' ; ')),
    jsonb_build_object(
        'fautes', v.fautes,
        'cours_de_route_id', cdr.id,
        'depot_id', cdr.depot_destination_id,
        'produit_id', cdr.produit_id,
        'plaque_camion', cdr.plaque_camion,
        'date_chargement', cdr.date_chargement,
        'created_at', cdr.created_at,
        'occurred_at', CASE WHEN cdr.created_at BETWEEN seuil.debut AND now() THEN cdr.created_at END
    )
FROM (
    SELECT
        id, depot_destination_id, produit_id, plaque_camion, date_chargement, created_at,
        (created_at AT TIME ZONE interval '0')::date AS cree_le
    FROM public.cours_de_route
    WHERE
        -- the index's own words
        CASE
            WHEN isfinite(date_chargement) AND isfinite(created_at)
            THEN abs(date_chargement - (created_at AT TIME ZONE interval '0')::date)
        END BETWEEN 30 AND 2147483647
        OR date_chargement BETWEEN '-infinity' AND (
            SELECT make_date(gouvernance.threshold('DATE_ABERRANTE', 'annee_min')::integer, 1, 1) - 1
        )
        OR date_chargement BETWEEN (
            SELECT (now() AT TIME ZONE interval '0')::date + 1
                + gouvernance.threshold('DATE_ABERRANTE', 'avance')::integer
        ) AND 'infinity'
        OR created_at BETWEEN '-infinity' AND (
            SELECT (make_date(gouvernance.threshold('DATE_ABERRANTE', 'annee_min')::integer, 1, 1)
                - 1 + time '23:59:59.999999') AT TIME ZONE interval '0'
        )
        OR created_at BETWEEN now()
            + (SELECT gouvernance.threshold('DATE_ABERRANTE', 'avance')) * interval '1 day' AND 'infinity'
) AS cdr
CROSS JOIN (
    SELECT
        jour AS premier_jour,
        jour::timestamp AT TIME ZONE interval '0' AS debut,
        gouvernance.threshold('DATE_ABERRANTE', 'ecart') AS ecart,
        gouvernance.threshold('DATE_ABERRANTE', 'avance') AS avance
    FROM (
        SELECT make_date(gouvernance.threshold('DATE_ABERRANTE', 'annee_min')::integer, 1, 1) AS jour OFFSET 0
    ) AS annee
    OFFSET 0
) AS seuil
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE
            WHEN NOT isfinite(cdr.date_chargement) THEN 'chargement daté de l’infini'
            WHEN cdr.date_chargement < seuil.premier_jour
            THEN 'chargement daté du ' || gouvernance.jour(cdr.date_chargement)
            WHEN cdr.date_chargement > (now() AT TIME ZONE interval '0')::date + seuil.avance::integer
            THEN 'chargement daté du ' || gouvernance.jour(cdr.date_chargement) || ', dans l’avenir'
        END,
        CASE
            WHEN NOT isfinite(cdr.created_at) THEN 'création datée de l’infini'
            WHEN cdr.created_at < seuil.debut THEN 'création datée du ' || gouvernance.jour(cdr.cree_le)
            WHEN cdr.created_at > now() + seuil.avance * interval '1 day'
            THEN 'création datée du ' || gouvernance.jour(cdr.cree_le) || ', dans l’avenir'
        END,
        CASE
            WHEN isfinite(cdr.date_chargement) AND isfinite(cdr.created_at)
                AND abs(cdr.date_chargement - cdr.cree_le) > seuil.ecart
            THEN 'chargement à ' || abs(cdr.date_chargement - cdr.cree_le) || ' jours de la création'
        END
    ], NULL) AS fautes
    OFFSET 0
) AS v
WHERE cardinality(v.fautes) > 0
