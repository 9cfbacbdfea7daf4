-- code: RECEPTION_INCOHERENTE
-- severity: WARN
-- entity: RECEPTION
-- label: Réception incohérente
-- rule: Réception validée dont la différence d’index s’écarte du volume ambiant de plus de 1 L (seuil), dont le volume est absent, nul ou négatif, dont l’index d’après n’est pas au-dessus de l’index d’avant, sans volume à 15 °C, datée de plus d’un jour (seuil) dans l’avenir, ou avant le chargement ou la création de son cours de route.
-- why: Le compteur, le volume et les dates d’une réception se contredisent : ce qui est payé au fournisseur et ajouté au stock n’est pas ce qui est entré dans la citerne.
-- action: Relire le relevé du compteur, le bordereau et le cours de route ; corriger le stock par un ajustement motivé, ou la date du cours de route, puis accepter l’alerte : une réception validée ne se modifie plus.
-- limits: Ne juge que les réceptions validées ; seules celles datées des 90 derniers jours (seuil) sont comparées à leur cours de route, au jour UTC près. Un index absent ne dit rien de l’écart ; une valeur NaN ou infinie est tenue pour inconnue (VOLUME_NON_FINI la signale) ; une date infinie, ou un cours de route daté de l’avenir, relève de DATE_ABERRANTE. Deux index faux du même montant passent.
-- occurred: Le jour de la réception, à minuit UTC, ou sa saisie quand celle-ci est antérieure.
-- threshold: ecart = 1 L [0.5 ; 10000] Écart toléré entre la différence d’index et le volume ambiant
-- threshold: avance = 1 jours [0 ; 30] Avance tolérée d’une date sur aujourd’hui
-- threshold: fenetre = 90 jours [1 ; 3650] Ancienneté des réceptions comparées à leur cours de route
SELECT
    r.id AS entity_id,
    format(
        'Réception du %s dans %s · %s : %s',
        gouvernance.jour(r.date_reception), c.nom, coalesce(d.nom, 'sans dépôt'),
        array_to_string(v.fautes, ' ; ')
    ) AS message,
    jsonb_build_object(
        'figure', v.ecart,
        'fautes', v.fautes,
        'reception_id', r.id,
        'cours_de_route_id', r.cours_de_route_id,
        'citerne_id', r.citerne_id,
        'depot_id', c.depot_id,
        'produit_id', r.produit_id,
        'proprietaire_type', r.proprietaire_type,
        'index_avant', v.index_avant,
        'index_apres', v.index_apres,
        'volume_ambiant', v.ambiant,
        'date_reception', r.date_reception,
        'occurred_at', least(gouvernance.moment(r.date_reception), gouvernance.moment(r.created_at))
    ) AS payload
FROM (
    SELECT
        id, citerne_id, produit_id, proprietaire_type, cours_de_route_id, index_avant, index_apres,
        volume_ambiant, coalesce(volume_15c, volume_corrige_15c) AS v15c, date_reception, created_at
    FROM public.receptions
    WHERE statut = 'validee' AND (
        -- the index's own words
        CASE
            WHEN volume_ambiant IS NULL OR volume_ambiant <= 0 OR index_apres <= index_avant
                OR coalesce(volume_15c, volume_corrige_15c) IS NULL
                OR greatest(abs(index_avant), abs(index_apres), abs(volume_ambiant)) > 1e12 THEN 'Infinity'
            ELSE abs(index_apres - index_avant - volume_ambiant)
        END BETWEEN 0.1 AND 'Infinity'
        OR date_reception BETWEEN (
            SELECT aujourd_hui.jour + 1 + gouvernance.threshold('RECEPTION_INCOHERENTE', 'avance')::integer
            FROM (SELECT (now() AT TIME ZONE interval '0')::date AS jour) AS aujourd_hui
        ) AND 'infinity'
    )
    UNION
    SELECT
        r.id, r.citerne_id, r.produit_id, r.proprietaire_type, r.cours_de_route_id, r.index_avant,
        r.index_apres, r.volume_ambiant, coalesce(r.volume_15c, r.volume_corrige_15c), r.date_reception,
        r.created_at
    FROM public.receptions AS r
    -- OFFSET 0: each cours de route is looked up by its key, not all of them read
    CROSS JOIN LATERAL (
        SELECT FROM public.cours_de_route AS cdr
        WHERE cdr.id = r.cours_de_route_id
            AND r.date_reception < greatest(cdr.date_chargement, (cdr.created_at AT TIME ZONE interval '0')::date)
        OFFSET 0
    ) AS avant
    WHERE r.statut = 'validee' AND r.cours_de_route_id IS NOT NULL AND r.date_reception BETWEEN (
        SELECT (now() AT TIME ZONE interval '0')::date
            - gouvernance.threshold('RECEPTION_INCOHERENTE', 'fenetre')::integer
    ) AND 'infinity'
) AS r
JOIN public.citernes AS c ON c.id = r.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN (
    SELECT
        gouvernance.threshold('RECEPTION_INCOHERENTE', 'ecart') AS ecart,
        aujourd_hui.jour + gouvernance.threshold('RECEPTION_INCOHERENTE', 'avance')::integer AS dernier_jour,
        aujourd_hui.jour - gouvernance.threshold('RECEPTION_INCOHERENTE', 'fenetre')::integer AS premier_jour
    FROM (SELECT (now() AT TIME ZONE interval '0')::date AS jour) AS aujourd_hui
    OFFSET 0
) AS seuil
LEFT JOIN LATERAL (
    SELECT cdr.date_chargement, (cdr.created_at AT TIME ZONE interval '0')::date AS cree_le
    FROM public.cours_de_route AS cdr
    WHERE cdr.id = r.cours_de_route_id AND r.date_reception >= seuil.premier_jour
    OFFSET 0
) AS cdr ON true
CROSS JOIN LATERAL (
    SELECT
        gouvernance.finite(r.volume_ambiant::numeric) AS ambiant,
        gouvernance.finite(r.index_avant::numeric) AS index_avant,
        gouvernance.finite(r.index_apres::numeric) AS index_apres
    OFFSET 0
) AS n
CROSS JOIN LATERAL (
    SELECT n.*, e.ecart, array_remove(ARRAY[
        CASE
            WHEN r.volume_ambiant IS NULL THEN 'volume ambiant absent'
            WHEN n.ambiant <= 0 THEN 'volume ambiant nul ou négatif (' || gouvernance.litres(n.ambiant) || ')'
        END,
        CASE
            WHEN n.index_apres <= n.index_avant
            THEN 'index d’après qui n’est pas au-dessus de l’index d’avant'
        END,
        'écart de ' || CASE
                WHEN e.ecart >= 10 THEN gouvernance.litres(e.ecart)
                ELSE replace(round(e.ecart, 1)::text, '.', ',') || ' L'
            END || ' entre la différence d’index ('
            || gouvernance.litres(n.index_apres - n.index_avant) || ') et le volume ambiant ('
            || gouvernance.litres(n.ambiant) || ')',
        CASE WHEN r.v15c IS NULL THEN 'volume à 15 °C absent' END,
        CASE
            WHEN r.date_reception > seuil.dernier_jour AND r.date_reception < 'infinity'
            THEN 'datée de l’avenir'
        END,
        CASE
            WHEN r.date_reception < cdr.date_chargement AND cdr.date_chargement <= seuil.dernier_jour
            THEN 'antérieure au chargement de son cours de route, le ' || gouvernance.jour(cdr.date_chargement)
        END,
        CASE
            WHEN r.date_reception < cdr.cree_le AND cdr.cree_le <= seuil.dernier_jour
            THEN 'antérieure à la création de son cours de route, le ' || gouvernance.jour(cdr.cree_le)
        END
    ], NULL) AS fautes
    FROM (
        SELECT CASE
            WHEN abs(n.index_apres - n.index_avant - n.ambiant) > seuil.ecart
            THEN abs(n.index_apres - n.index_avant - n.ambiant)
        END AS ecart
        OFFSET 0
    ) AS e
    OFFSET 0
) AS v
WHERE cardinality(v.fautes) > 0
