-- code: PROPRIETAIRE_INCOHERENT
-- severity: WARN
-- entity: RECEPTION, SORTIE
-- label: Propriétaire incohérent
-- rule: Mouvement validé au nom de MONALUXE avec un partenaire, ou de PARTENAIRE sans partenaire ; sortie qui a un client et un partenaire à la fois.
-- why: On ne sait pas à qui est le produit : le stock d’un propriétaire est trop haut, celui d’un autre trop bas, et la facture part à la mauvaise personne.
-- action: Relire le bon signé ; corriger le stock des deux propriétaires par deux ajustements motivés, puis accepter l’alerte : un mouvement validé ne se modifie plus.
-- limits: Ne juge que les mouvements validés, et leurs seules colonnes : un partenaire pris pour un autre ne se voit pas ici.
-- occurred: La date du mouvement ; pour une réception, à minuit UTC : ML_PP n’en garde pas l’heure.
SELECT
    'RECEPTION' AS entity_type,
    r.id AS entity_id,
    format(
        'Réception du %s dans %s · %s : %s',
        gouvernance.jour(r.date_reception), c.nom, coalesce(d.nom, 'sans dépôt'),
        CASE
            WHEN r.partenaire_id IS NULL THEN 'propriétaire PARTENAIRE, sans partenaire'
            ELSE format('propriétaire MONALUXE, mais partenaire %s', coalesce(p.nom, 'inconnu'))
        END
    ) AS message,
    jsonb_build_object(
        'reception_id', r.id,
        'citerne_id', r.citerne_id,
        'depot_id', c.depot_id,
        'produit_id', r.produit_id,
        'proprietaire_type', r.proprietaire_type,
        'partenaire_id', r.partenaire_id,
        'volume_ambiant', gouvernance.finite(r.volume_ambiant::numeric),
        'occurred_at', gouvernance.moment(r.date_reception)
    ) AS payload
FROM (
    SELECT id, citerne_id, produit_id, partenaire_id, proprietaire_type, volume_ambiant, date_reception
    FROM public.receptions
    WHERE statut = 'validee'
        -- the index's own words
        AND CASE
            WHEN proprietaire_type = 'MONALUXE' AND partenaire_id IS NOT NULL
                OR proprietaire_type = 'PARTENAIRE' AND partenaire_id IS NULL THEN 1
        END = 1
) AS r
JOIN public.citernes AS c ON c.id = r.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
LEFT JOIN public.partenaires AS p ON p.id = r.partenaire_id
UNION ALL
SELECT
    'SORTIE',
    s.id,
    format(
        'Sortie de %s · %s%s : %s',
        c.nom, coalesce(d.nom, 'sans dépôt'), ', camion ' || s.plaque_camion,
        concat_ws(
            ' ; ',
            CASE
                WHEN s.proprietaire_type = 'PARTENAIRE' AND s.partenaire_id IS NULL
                THEN 'propriétaire PARTENAIRE, sans partenaire'
                WHEN s.proprietaire_type = 'MONALUXE' AND s.partenaire_id IS NOT NULL
                THEN format('propriétaire MONALUXE, mais partenaire %s', coalesce(p.nom, 'inconnu'))
            END,
            CASE
                WHEN s.client_id IS NOT NULL AND s.partenaire_id IS NOT NULL
                THEN 'un client et un partenaire à la fois'
            END
        )
    ),
    jsonb_build_object(
        'sortie_id', s.id,
        'citerne_id', s.citerne_id,
        'depot_id', c.depot_id,
        'produit_id', s.produit_id,
        'proprietaire_type', s.proprietaire_type,
        'client_id', s.client_id,
        'partenaire_id', s.partenaire_id,
        'plaque_camion', s.plaque_camion,
        'volume_ambiant', gouvernance.finite(s.volume_ambiant::numeric),
        'occurred_at', gouvernance.moment(s.date_sortie)
    )
FROM (
    SELECT
        id, citerne_id, produit_id, client_id, partenaire_id, proprietaire_type, volume_ambiant, date_sortie,
        plaque_camion
    FROM public.sorties_produit
    WHERE statut = 'validee'
        -- the index's own words
        AND CASE
            WHEN proprietaire_type = 'MONALUXE' AND partenaire_id IS NOT NULL
                OR proprietaire_type = 'PARTENAIRE' AND partenaire_id IS NULL
                OR client_id IS NOT NULL AND partenaire_id IS NOT NULL THEN 1
        END = 1
) AS s
JOIN public.citernes AS c ON c.id = s.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
LEFT JOIN public.partenaires AS p ON p.id = s.partenaire_id
