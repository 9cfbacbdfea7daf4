-- A page of the tokens, those that hold first, then the latest; beyond the last page, the last.
SELECT
    t.id, t.name, t.scopes, t.owner, t.created_at, t.expires_at, t.revoked_at, t.revoked_by, t.holds,
    counted.total
FROM (SELECT count(*) AS total FROM gouvernance.release_tokens) AS counted
CROSS JOIN LATERAL (
    SELECT id, name, scopes, owner, created_at, expires_at, revoked_at, revoked_by,
        revoked_at IS NULL AND expires_at > now() AS holds
    FROM gouvernance.release_tokens
    ORDER BY holds DESC, id DESC
    LIMIT %(size)s
    OFFSET greatest(least((%(page)s::bigint - 1) * %(size)s, (counted.total - 1) / %(size)s * %(size)s), 0)
) AS t
ORDER BY t.holds DESC, t.id DESC
