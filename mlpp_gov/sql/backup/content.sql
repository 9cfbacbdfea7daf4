-- What one table holds: its rows counted, and a digest of all their hashes in the order of the hashes. A
-- row lost, added, changed or numbered anew changes it; where PostgreSQL has put the rows does not.
SELECT
    count(*) AS rows,
    encode(sha256(coalesce(string_agg(hash, ''::bytea ORDER BY hash), ''::bytea)), 'hex') AS digest
FROM (
    SELECT sha256(convert_to((line.*)::text, 'UTF8')) AS hash
    FROM {{ table }} AS line
) AS lines
