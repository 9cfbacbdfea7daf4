-- What went into a tank and out of it around a moment, the latest typed first. Signed litres: + is in,
-- − is out; NULL when NaN or infinite. A movement is of the period when its own day is, or the
-- day it was typed: what is typed late changes the books late.
--
-- `balance` adds up, in the order of typing, everything that counts since the tank's first movement;
-- `books` is where that ends today, NULL when one figure is unknown. Only a `books` equal to the
-- stock makes a `balance` true.
WITH movements AS (
    SELECT
        r.id,
        'RECEPTION' AS kind,
        r.created_at,
        gouvernance.jour(r.date_reception) AS day,
        r.date_reception BETWEEN %(first_day)s AND %(last_day)s AS of_the_period,
        r.proprietaire_type,
        gouvernance.finite(r.volume_ambiant::numeric) AS ambiant,
        gouvernance.finite(coalesce(r.volume_15c, r.volume_corrige_15c)::numeric) AS v15c,
        cdr.plaque_camion,
        r.statut,
        r.note,
        r.statut = 'validee' AS counts
    FROM public.receptions AS r
    LEFT JOIN public.cours_de_route AS cdr ON cdr.id = r.cours_de_route_id
    WHERE r.citerne_id = %(id)s
    UNION ALL
    SELECT
        s.id,
        'SORTIE',
        s.created_at,
        gouvernance.jour((s.date_sortie AT TIME ZONE %(zone)s)::date),
        s.date_sortie >= %(since)s AND s.date_sortie < %(until)s,
        s.proprietaire_type,
        -gouvernance.finite(s.volume_ambiant::numeric),
        -- volume_15c exists on some installations only (contract, trap 6).
        -gouvernance.finite(coalesce(
            (to_jsonb(s) ->> 'volume_15c')::numeric, s.volume_corrige_15c::numeric
        )),
        s.plaque_camion,
        s.statut,
        NULL,
        s.statut = 'validee'
    FROM public.sorties_produit AS s
    WHERE s.citerne_id = %(id)s
    UNION ALL
    SELECT
        a.id,
        CASE a.mouvement_type
            WHEN 'RECEPTION' THEN 'RECEPTION_ADJUSTED' ELSE 'SORTIE_ADJUSTED'
        END,
        a.created_at,
        gouvernance.jour((a.created_at AT TIME ZONE %(zone)s)::date),
        false,
        a.proprietaire_type,
        gouvernance.finite(a.delta_ambiant::numeric),
        gouvernance.finite(a.delta_15c::numeric),
        NULL,
        NULL,
        a.reason,
        true
    FROM public.stocks_adjustments AS a
    WHERE a.citerne_id = %(id)s
),
summed AS (
    SELECT
        *,
        CASE WHEN counts THEN sum(ambiant) FILTER (WHERE counts) OVER (ORDER BY created_at, id) END
            AS balance,
        CASE WHEN NOT bool_or(counts AND ambiant IS NULL) OVER ()
            THEN coalesce(sum(ambiant) FILTER (WHERE counts) OVER (), 0)
        END AS books
    FROM movements
)
SELECT
    kind,
    day,
    CASE WHEN created_at BETWEEN '0002-01-01' AND '9998-12-31' THEN created_at END AS typed_at,
    proprietaire_type,
    ambiant,
    v15c,
    plaque_camion,
    statut,
    note,
    counts,
    balance,
    books,
    count(*) OVER () AS total
FROM summed
WHERE of_the_period OR (created_at >= %(since)s AND created_at < %(until)s)
ORDER BY summed.created_at DESC, id DESC
LIMIT %(limit)s
