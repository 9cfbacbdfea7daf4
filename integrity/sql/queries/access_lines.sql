-- A page of the journal, the latest first.
SELECT
    at, event, reason, severity, status, method, route, user_id, role, host(address) AS address,
    user_agent, request_id, session, typed_name, detail, release, count
FROM gouvernance.found_accesses(
    %(from)s, %(to)s, %(event)s, %(reason)s, %(severity)s, %(status)s, %(route)s,
    %(users)s::bigint[], %(typed)s, %(address)s::inet
)
ORDER BY at DESC, id DESC
LIMIT %(size)s OFFSET %(offset)s
