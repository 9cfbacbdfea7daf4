-- code: JOURNAL_DERIVE
-- severity: WARN
-- entity: CITERNE_STOCK
-- label: Journal de stock différent des mouvements
-- rule: Dernière ligne de stocks_journaliers d’une citerne, pour un produit et un propriétaire, qui s’écarte de plus de 10 L (seuil), ambiant ou à 15 °C, du stock d’ouverture déclaré plus les mouvements validés et les ajustements jusqu’à la fin de ce jour, jamais sous zéro.
-- why: Le journal des stocks, que l’on présente au client et au fisc, ne dit plus ce que disent les mouvements.
-- action: Si la citerne avait du produit avant le premier mouvement, déclarer le stock d’ouverture ; sinon chercher un mouvement saisi après coup pour un jour déjà clos, et faire recalculer le journal par l’équipe ML_PP.
-- limits: Ne juge que la dernière ligne de chaque produit et propriétaire, pas les jours d’avant ni ceux qui manquent. Un stock négatif y vaut zéro, comme ML_PP l’écrit. Un mouvement validé sans volume à 15 °C, ou de volume NaN ou démesuré, rend la comparaison inconnue : elle n’est pas faite.
-- occurred: Le jour de la ligne du journal la plus fausse, à minuit UTC.
-- threshold: tolerance = 10 L [0 ; 100000] Écart toléré entre le journal et les mouvements
-- threshold: fuseau = 2 heures [-12 ; 14] Décalage du dépôt sur UTC, pour savoir où finit sa journée
WITH seuil AS (
    SELECT
        gouvernance.threshold('JOURNAL_DERIVE', 'tolerance') AS tolerance,
        gouvernance.threshold('JOURNAL_DERIVE', 'fuseau') * interval '1 hour' AS fuseau
), derniere AS MATERIALIZED (
    SELECT
        j.*,
        gouvernance.moment(j.date_jour) + interval '1 day' - (SELECT fuseau FROM seuil) AS fin
    FROM public.citernes AS c
    -- asked one by one: the journal has a row per day, its unique index knows the last
    CROSS JOIN public.produits AS p
    CROSS JOIN (VALUES ('MONALUXE'), ('PARTENAIRE')) AS o (proprietaire_type)
    CROSS JOIN LATERAL (
        SELECT id, citerne_id, produit_id, proprietaire_type, date_jour, stock_ambiant, stock_15c
        FROM public.stocks_journaliers
        WHERE citerne_id = c.id AND produit_id = p.id AND proprietaire_type = o.proprietaire_type
            AND date_jour BETWEEN '0001-01-01' AND '9999-12-30'
        ORDER BY date_jour DESC
        LIMIT 1
    ) AS j
), apres AS (
    -- few, as the last line is recent: cheaper to take off the whole than to add up all the others
    SELECT
        j.id,
        count(*) - count(m.ambiant) AS sans_ambiant,
        count(*) - count(m.v15c) AS sans_15c,
        coalesce(sum(m.ambiant), 0) AS ambiant,
        coalesce(sum(m.v15c), 0) AS v15c
    FROM derniere AS j
    JOIN gouvernance.v_mouvements AS m
        ON m.citerne_id = j.citerne_id
        AND m.produit_id = j.produit_id
        AND m.proprietaire_type = j.proprietaire_type
        AND (m.jour > j.date_jour OR m.instant >= j.fin)
    WHERE m.jour BETWEEN (SELECT min(date_jour) FROM derniere) AND 'infinity'
        OR m.instant BETWEEN (SELECT min(fin) FROM derniere) AND 'infinity'
    GROUP BY j.id
), somme AS (
    SELECT
        citerne_id, produit_id, proprietaire_type,
        sum(sans_ambiant) AS sans_ambiant,
        sum(sans_15c) AS sans_15c,
        coalesce(sum(ambiant), 0) AS ambiant,
        coalesce(sum(v15c), 0) AS v15c
    FROM gouvernance.v_cumuls
    GROUP BY citerne_id, produit_id, proprietaire_type
)
SELECT
    c.id AS entity_id,
    format(
        '%s · %s : journal du %s différent des mouvements de %s (%s, %s, %s pour %s attendus)',
        c.nom, coalesce(d.nom, 'sans dépôt'), gouvernance.jour(pire.date_jour),
        gouvernance.litres(pire.ecart), pire.proprietaire_type, pire.volume,
        gouvernance.litres(CASE pire.volume WHEN 'ambiant' THEN pire.stock_ambiant ELSE pire.stock_15c END),
        gouvernance.litres(CASE pire.volume WHEN 'ambiant' THEN pire.attendu_ambiant ELSE pire.attendu_15c END)
    ) AS message,
    jsonb_build_object(
        'figure', pire.ecart,
        'citerne_id', c.id,
        'depot_id', c.depot_id,
        'produit_id', pire.produit_id,
        'proprietaire_type', pire.proprietaire_type,
        'date_jour', pire.date_jour,
        'stock_ambiant', pire.stock_ambiant,
        'attendu_ambiant', pire.attendu_ambiant,
        'stock_15c', pire.stock_15c,
        'attendu_15c', pire.attendu_15c,
        'mouvements_sans_15c', pire.sans_15c,
        'couples', pire.couples,
        'occurred_at', gouvernance.moment(pire.date_jour)
    ) AS payload
FROM (
    SELECT
        e.*,
        CASE WHEN e.ecart = e.ecart_ambiant THEN 'ambiant' ELSE 'à 15 °C' END AS volume,
        row_number() OVER citerne AS rang,
        jsonb_agg(jsonb_build_object(
            'produit_id', e.produit_id,
            'proprietaire_type', e.proprietaire_type,
            'date_jour', e.date_jour,
            'stock_ambiant', e.stock_ambiant,
            'attendu_ambiant', e.attendu_ambiant,
            'stock_15c', e.stock_15c,
            'attendu_15c', e.attendu_15c,
            'mouvements_sans_15c', e.sans_15c
        )) OVER citerne AS couples
    FROM (
        SELECT
            v.*,
            abs(v.stock_ambiant - v.attendu_ambiant) AS ecart_ambiant,
            greatest(
                abs(v.stock_ambiant - v.attendu_ambiant), abs(v.stock_15c - v.attendu_15c)
            ) AS ecart
        FROM (
            SELECT
                j.citerne_id, j.produit_id, j.proprietaire_type, j.date_jour,
                gouvernance.finite(j.stock_ambiant::numeric) AS stock_ambiant,
                gouvernance.finite(j.stock_15c::numeric) AS stock_15c,
                CASE WHEN coalesce(m.sans_ambiant, 0) = coalesce(a.sans_ambiant, 0) THEN greatest(
                    coalesce(o.stock_ambiant, 0)
                        -- a hundredth of a litre: below it is only the noise of float8 sums
                        + round((coalesce(m.ambiant, 0) - coalesce(a.ambiant, 0))::numeric, 2),
                    0
                ) END AS attendu_ambiant,
                CASE WHEN coalesce(m.sans_15c, 0) = coalesce(a.sans_15c, 0) THEN greatest(
                    coalesce(o.stock_15c, 0)
                        + round((coalesce(m.v15c, 0) - coalesce(a.v15c, 0))::numeric, 2),
                    0
                ) END AS attendu_15c,
                coalesce(m.sans_15c, 0) - coalesce(a.sans_15c, 0) AS sans_15c
            FROM derniere AS j
            LEFT JOIN apres AS a USING (id)
            LEFT JOIN somme AS m USING (citerne_id, produit_id, proprietaire_type)
            LEFT JOIN gouvernance.opening_stocks AS o USING (citerne_id, produit_id, proprietaire_type)
        ) AS v
    ) AS e
    WHERE e.ecart > (SELECT tolerance FROM seuil)
    WINDOW citerne AS (
        PARTITION BY e.citerne_id ORDER BY e.ecart DESC, e.produit_id, e.proprietaire_type
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
) AS pire
JOIN public.citernes AS c ON c.id = pire.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
WHERE pire.rang = 1
