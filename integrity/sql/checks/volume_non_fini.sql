-- code: VOLUME_NON_FINI
-- severity: WARN
-- entity: CITERNE_STOCK
-- label: Valeur qui n’est pas un nombre
-- rule: NaN ou infini dans un volume, un index, une température ou une densité d’un mouvement de la citerne (validé ou non), dans un de ses ajustements, instantanés ou stocks journaliers, ou dans ses capacités.
-- why: Une valeur NaN ou infinie contamine toute somme où elle entre : le stock de la citerne est alors inconnu, et les contrôles qui la lisent se taisent.
-- action: Retrouver la ligne citée et la vraie valeur sur le bon ; corriger la ligne, ou, si elle est immuable, la faire corriger par l’administrateur de la base avec trace.
-- limits: Cite au plus 20 valeurs par citerne, le compte les dit toutes. Une valeur absente (NULL) ou démesurée mais finie n’est pas vue ici. Là où sorties_produit a une colonne volume_15c, chaque évaluation relit toutes les sorties.
-- occurred: La saisie de la plus ancienne ligne citée ou comptée, pour un instantané sa dernière mise à jour.
SELECT
    c.id AS entity_id,
    format(
        '%s · %s : %s (%s%s)',
        c.nom, coalesce(d.nom, 'sans dépôt'),
        CASE t.nombre
            WHEN 1 THEN 'une valeur qui n’est pas un nombre'
            ELSE t.nombre || ' valeurs qui ne sont pas des nombres'
        END,
        t.colonnes, CASE WHEN t.nombre > 20 THEN ', …' END
    ) AS message,
    jsonb_build_object(
        'figure', t.nombre,
        'citerne_id', c.id,
        'depot_id', c.depot_id,
        'produit_id', c.produit_id,
        'valeurs', t.valeurs,
        'occurred_at', t.depuis
    ) AS payload
FROM (
    SELECT
        n.citerne_id,
        count(*) AS nombre,
        min(n.depuis) AS depuis,
        string_agg(DISTINCT n.nom_table || '.' || n.colonne, ', ') FILTER (WHERE n.rang <= 20) AS colonnes,
        jsonb_agg(
            jsonb_build_object(
                'table', n.nom_table, 'colonne', n.colonne, 'id', n.ligne, 'valeur', n.valeur::text
            )
            ORDER BY n.rang
        ) FILTER (WHERE n.rang <= 20) AS valeurs
    FROM (
        SELECT
            l.*,
            row_number() OVER (
                PARTITION BY l.citerne_id ORDER BY l.nom_table, l.ligne, l.colonne
            ) AS rang
        FROM (
            SELECT
                r.citerne_id, 'receptions' AS nom_table, r.id::text AS ligne,
                gouvernance.moment(r.created_at) AS depuis, v.colonne, v.valeur
            FROM public.receptions AS r
            CROSS JOIN LATERAL (VALUES
                ('index_avant', r.index_avant::numeric),
                ('index_apres', r.index_apres::numeric),
                ('volume_ambiant', r.volume_ambiant::numeric),
                ('volume_observe', r.volume_observe::numeric),
                ('volume_15c', r.volume_15c::numeric),
                ('volume_corrige_15c', r.volume_corrige_15c::numeric),
                ('temperature_ambiante_c', r.temperature_ambiante_c::numeric),
                ('densite_a_15', r.densite_a_15::numeric)
            ) AS v (colonne, valeur)
            WHERE
                -- the index's own words
                greatest(
                    abs(index_avant), abs(index_apres), abs(volume_ambiant), abs(volume_observe), abs(volume_15c),
                    abs(volume_corrige_15c), abs(temperature_ambiante_c), abs(densite_a_15)
                ) BETWEEN 'Infinity' AND 'NaN'
            UNION ALL
            SELECT
                s.citerne_id, 'sorties_produit', s.id::text,
                gouvernance.moment(s.created_at), v.colonne, v.valeur
            FROM public.sorties_produit AS s
            CROSS JOIN LATERAL (VALUES
                ('index_avant', s.index_avant::numeric),
                ('index_apres', s.index_apres::numeric),
                ('volume_ambiant', s.volume_ambiant::numeric),
                ('volume_corrige_15c', s.volume_corrige_15c::numeric),
                ('temperature_ambiante_c', s.temperature_ambiante_c::numeric),
                ('densite_a_15', s.densite_a_15::numeric)
            ) AS v (colonne, valeur)
            WHERE
                -- the index's own words
                greatest(
                    abs(index_avant), abs(index_apres), abs(volume_ambiant), abs(volume_corrige_15c),
                    abs(temperature_ambiante_c), abs(densite_a_15)
                ) BETWEEN 'Infinity' AND 'NaN'
            UNION ALL
            -- volume_15c exists on some installations only (contract, trap 6), and no index can hold it
            SELECT
                s.citerne_id, 'sorties_produit', s.id::text, gouvernance.moment(s.created_at), 'volume_15c',
                (to_jsonb(s) ->> 'volume_15c')::numeric
            FROM public.sorties_produit AS s
            WHERE (
                SELECT EXISTS (
                    SELECT FROM pg_catalog.pg_attribute
                    WHERE attrelid = 'public.sorties_produit'::regclass
                        AND attname = 'volume_15c' AND NOT attisdropped
                )
            ) AND to_jsonb(s) ->> 'volume_15c' IN ('NaN', 'Infinity', '-Infinity')
            UNION ALL
            SELECT
                j.citerne_id, 'stocks_journaliers', j.id::text,
                gouvernance.moment(j.created_at), v.colonne, v.valeur
            FROM public.stocks_journaliers AS j
            CROSS JOIN LATERAL (VALUES
                ('stock_ambiant', j.stock_ambiant::numeric),
                ('stock_15c', j.stock_15c::numeric)
            ) AS v (colonne, valeur)
            WHERE
                -- the index's own words
                greatest(abs(stock_ambiant), abs(stock_15c)) BETWEEN 'Infinity' AND 'NaN'
            UNION ALL
            SELECT
                a.citerne_id, 'stocks_adjustments', a.id::text,
                gouvernance.moment(a.created_at), v.colonne, v.valeur
            FROM public.stocks_adjustments AS a
            CROSS JOIN LATERAL (VALUES
                ('delta_ambiant', a.delta_ambiant::numeric),
                ('delta_15c', a.delta_15c::numeric)
            ) AS v (colonne, valeur)
            UNION ALL
            SELECT
                i.citerne_id, 'stocks_snapshot',
                concat_ws(' ', i.produit_id, i.proprietaire_type), gouvernance.moment(i.updated_at), v.colonne, v.valeur
            FROM public.stocks_snapshot AS i
            CROSS JOIN LATERAL (VALUES
                ('stock_ambiant', i.stock_ambiant::numeric),
                ('stock_15c', i.stock_15c::numeric)
            ) AS v (colonne, valeur)
            UNION ALL
            SELECT
                c.id, 'citernes', c.id::text,
                gouvernance.moment(c.created_at), v.colonne, v.valeur
            FROM public.citernes AS c
            CROSS JOIN LATERAL (VALUES
                ('capacite_totale', c.capacite_totale::numeric),
                ('capacite_securite', c.capacite_securite::numeric)
            ) AS v (colonne, valeur)
        ) AS l
        WHERE l.valeur IN ('NaN', 'Infinity', '-Infinity')
    ) AS n
    GROUP BY n.citerne_id
) AS t
JOIN public.citernes AS c ON c.id = t.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
