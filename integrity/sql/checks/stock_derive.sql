-- code: STOCK_DERIVE
-- severity: WARN
-- entity: CITERNE_STOCK
-- label: Stock différent des mouvements
-- rule: Ligne de stocks_snapshot qui s’écarte de plus de 10 L (seuil), ambiant ou à 15 °C, du stock d’ouverture déclaré plus les réceptions moins les sorties validées.
-- why: Le stock affiché n’est plus la somme des mouvements qui l’ont fait : une écriture est perdue, comptée deux fois ou passée à côté de l’application, et chaque décision prise sur ce stock est fausse d’autant.
-- action: Si la citerne avait du produit avant le premier mouvement, déclarer le stock d’ouverture ; sinon relire les mouvements du produit et du propriétaire cités, jauger, et faire recalculer la ligne par l’équipe ML_PP.
-- limits: Les ajustements s’ajoutent des deux côtés et s’annulent : ils ne causent ni ne guérissent cet écart. L’écart est jugé en litres et non en pour cent, car il vient d’écritures, pas de mesures. Un mouvement validé sans volume à 15 °C, ou de volume NaN ou démesuré, rend la comparaison inconnue : elle n’est pas faite. Deux fautes qui se compensent passent.
-- occurred: Inconnu : rien ne garde le moment où le stock a quitté la somme des mouvements.
-- threshold: tolerance = 10 L [0 ; 100000] Écart toléré entre le stock et les mouvements
SELECT
    c.id AS entity_id,
    format(
        '%s · %s : stock différent des mouvements de %s (%s, %s, instantané %s pour %s attendus)',
        c.nom, coalesce(d.nom, 'sans dépôt'),
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
        'stock_ambiant', pire.stock_ambiant,
        'attendu_ambiant', pire.attendu_ambiant,
        'stock_15c', pire.stock_15c,
        'attendu_15c', pire.attendu_15c,
        'mouvements_sans_15c', pire.sans_15c,
        'couples', pire.couples,
        'occurred_at', NULL
    ) AS payload
FROM (
    SELECT
        e.*,
        CASE WHEN e.ecart = e.ecart_ambiant THEN 'ambiant' ELSE 'à 15 °C' END AS volume,
        row_number() OVER citerne AS rang,
        jsonb_agg(jsonb_build_object(
            'produit_id', e.produit_id,
            'proprietaire_type', e.proprietaire_type,
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
                s.citerne_id, s.produit_id, s.proprietaire_type,
                gouvernance.finite(s.stock_ambiant::numeric) AS stock_ambiant,
                gouvernance.finite(s.stock_15c::numeric) AS stock_15c,
                -- a hundredth of a litre: below it is only the noise of float8 sums
                coalesce(o.stock_ambiant, 0)
                    + CASE WHEN m.citerne_id IS NULL THEN 0 ELSE round(m.ambiant::numeric, 2) END
                    AS attendu_ambiant,
                coalesce(o.stock_15c, 0)
                    + CASE WHEN m.citerne_id IS NULL THEN 0 ELSE round(m.v15c::numeric, 2) END
                    AS attendu_15c,
                coalesce(m.sans_15c, 0) AS sans_15c
            FROM public.stocks_snapshot AS s
            LEFT JOIN gouvernance.opening_stocks AS o USING (citerne_id, produit_id, proprietaire_type)
            LEFT JOIN (
                SELECT
                    citerne_id, produit_id, proprietaire_type,
                    CASE WHEN sum(sans_ambiant) = 0 THEN sum(ambiant) END AS ambiant,
                    CASE WHEN sum(sans_15c) = 0 THEN sum(v15c) END AS v15c,
                    sum(sans_15c) AS sans_15c
                FROM gouvernance.v_cumuls
                WHERE nature <> 'AJUSTEMENT'
                GROUP BY citerne_id, produit_id, proprietaire_type
            ) AS m USING (citerne_id, produit_id, proprietaire_type)
        ) AS v
    ) AS e
    WHERE e.ecart > (SELECT gouvernance.threshold('STOCK_DERIVE', 'tolerance'))
    WINDOW citerne AS (
        PARTITION BY e.citerne_id ORDER BY e.ecart DESC, e.produit_id, e.proprietaire_type
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
) AS pire
JOIN public.citernes AS c ON c.id = pire.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
WHERE pire.rang = 1
