-- Tanks whose name has the text, trucks whose plate has it (capitals without blanks or hyphens on both
-- sides), whatever has that UUID; of each kind the first, by their open alerts. A truck is its journeys and
-- its sorties. `id` is the thing's own, and of a truck the last journey's.
WITH matched AS (
    SELECT
        'tank' AS kind, c.id, c.id::text AS thing, concat_ws(' · ', c.nom, d.nom) AS name,
        c.statut AS state, c.created_at AS at
    FROM public.citernes AS c LEFT JOIN public.depots AS d ON d.id = c.depot_id
    WHERE c.id = %(id)s::uuid OR position(%(text)s::text IN upper(translate(c.nom, E' -\u00a0', ''))) > 0
    UNION ALL
    SELECT
        'truck', cdr.id, upper(translate(cdr.plaque_camion, E' -\u00a0', '')), cdr.plaque_camion,
        cdr.statut, cdr.created_at
    FROM public.cours_de_route AS cdr
    WHERE cdr.id = %(id)s::uuid
        OR position(%(text)s::text IN upper(translate(cdr.plaque_camion, E' -\u00a0', ''))) > 0
        OR position(%(text)s::text IN upper(translate(cdr.plaque_remorque, E' -\u00a0', ''))) > 0
    UNION ALL
    SELECT
        'truck', s.id, upper(translate(s.plaque_camion, E' -\u00a0', '')), s.plaque_camion,
        NULL, s.created_at
    FROM public.sorties_produit AS s
    WHERE position(%(text)s::text IN upper(translate(s.plaque_camion, E' -\u00a0', ''))) > 0
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
things AS (
    SELECT
        kind,
        (array_agg(matched.id ORDER BY at DESC NULLS LAST))[1] AS id,
        (array_agg(name ORDER BY at DESC NULLS LAST))[1] AS name,
        (array_agg(state ORDER BY at DESC NULLS LAST) FILTER (WHERE state IS NOT NULL))[1] AS state,
        max(at) AS at,
        count(a.id) AS alerts,
        count(a.id) FILTER (WHERE a.status <> 'RESOLVED') AS active
    FROM matched LEFT JOIN public.system_alerts AS a ON a.entity_id = matched.id
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
SELECT kind, id, name, state, alerts, active, total FROM placed WHERE place <= %(most)s ORDER BY kind, place
