-- How much the filters keep, and whether the database shows the journal to this person at all: to the
-- others it shows an empty one.
SELECT
    coalesce((SELECT gouvernance.role_of(auth.uid())) IN ('admin', 'directeur'), false) AS admitted,
    count(*) AS lines,
    coalesce(sum(count), 0)::bigint AS events,
    coalesce(sum(count) FILTER (WHERE refused), 0)::bigint AS refusals
FROM gouvernance.found_accesses(
    %(from)s, %(to)s, %(event)s, %(reason)s, %(severity)s, %(status)s, %(route)s,
    %(users)s::bigint[], %(typed)s, %(address)s::inet
)
