-- Tanks whose name has the text, trucks whose plate has it (capitals without blanks or hyphens on both
-- sides), whatever has that UUID; of each kind the first, by their open alerts. A truck is its journeys and
-- its sorties, only the last ones: who types two letters does not wait for years of them. `id` is the
-- thing's own, and of a truck the last journey's.
WITH journeys AS (
    SELECT cdr.id, cdr.plaque_camion AS plate, cdr.statut AS state, cdr.created_at AS at
    FROM public.cours_de_route AS cdr
    WHERE cdr.id = %(id)s::uuid
        OR position(%(text)s::text IN upper(translate(cdr.plaque_camion, E' -\u00a0', ''))) > 0
        OR position(%(text)s::text IN upper(translate(cdr.plaque_remorque, E' -\u00a0', ''))) > 0
    ORDER BY cdr.created_at DESC NULLS LAST
    LIMIT %(bound)s
),
loads AS (
    SELECT s.id, s.plaque_camion AS plate, NULL AS state, s.created_at AS at
    FROM public.sorties_produit AS s
    WHERE position(%(text)s::text IN upper(translate(s.plaque_camion, E' -\u00a0', ''))) > 0
    ORDER BY s.created_at DESC NULLS LAST
    LIMIT %(bound)s
),
matched AS MATERIALIZED (
    SELECT
        'tank' AS kind, c.id, c.id::text AS thing, concat_ws(' · ', c.nom, d.nom) AS name,
        c.statut AS state, c.created_at AS at
    FROM public.citernes AS c LEFT JOIN public.depots AS d ON d.id = c.depot_id
    WHERE c.id = %(id)s::uuid OR position(%(text)s::text IN upper(translate(c.nom, E' -\u00a0', ''))) > 0
    UNION ALL
    SELECT 'truck', id, upper(translate(plate, E' -\u00a0', '')), plate, state, at
    FROM (TABLE journeys UNION ALL TABLE loads) AS trucks
    UNION ALL
    SELECT
        'reception', r.id, r.id::text,
        concat_ws(
            ' · ', c.nom, regexp_replace(r.date_reception::text, '^(\d+)-(\d+)-(\d+)$', '\3/\2/\1')
        ),
        r.statut, r.created_at
    FROM public.receptions AS r JOIN public.citernes AS c ON c.id = r.citerne_id
    WHERE r.id = %(id)s::uuid
    UNION ALL
    SELECT 'sortie', s.id, s.id::text, concat_ws(' · ', c.nom, s.plaque_camion), s.statut, s.created_at
    FROM public.sorties_produit AS s JOIN public.citernes AS c ON c.id = s.citerne_id
    WHERE s.id = %(id)s::uuid
),
told AS (
    SELECT entity_id, count(*) AS alerts, count(*) FILTER (WHERE status <> 'RESOLVED') AS active
    FROM public.system_alerts
    WHERE entity_id = ANY (ARRAY(SELECT id FROM matched))
    GROUP BY entity_id
),
things AS (
    SELECT
        kind,
        (array_agg(id ORDER BY at DESC NULLS LAST))[1] AS id,
        (array_agg(name ORDER BY at DESC NULLS LAST))[1] AS name,
        (array_agg(state ORDER BY at DESC NULLS LAST) FILTER (WHERE state IS NOT NULL))[1] AS state,
        max(at) AS at,
        coalesce(sum(alerts), 0)::bigint AS alerts,
        coalesce(sum(active), 0)::bigint AS active
    FROM matched LEFT JOIN told ON entity_id = id
    GROUP BY kind, thing
),
placed AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY kind) AS total,
        row_number() OVER (
            PARTITION BY kind ORDER BY active DESC, alerts DESC, at DESC NULLS LAST, id
        ) AS place
    FROM things
)
SELECT
    kind, id, name, state, alerts, active, total,
    kind = 'truck' AND %(bound)s IN ((SELECT count(*) FROM journeys), (SELECT count(*) FROM loads)) AS cut
FROM placed
WHERE place <= %(most)s
ORDER BY kind, place
