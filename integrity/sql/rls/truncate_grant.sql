-- code: TRUNCATE_GRANT
-- level: error
-- title: TRUNCATE accordé à un rôle de l’API
-- why: La RLS ne retient pas TRUNCATE : qui en a le droit vide la table entière, quelles que soient les policies.
-- action: Retirer le droit : l’API n’en a jamais besoin. Retirer aussi les droits par défaut qui le donnent.
-- reference: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
SELECT
    r.name AS object,
    'TRUNCATE : ' || string_agg(a.role_name, ', ' ORDER BY a.role_name) AS detail,
    format('REVOKE TRUNCATE ON %s FROM anon, authenticated', r.name)
        || CASE
            WHEN bool_or(EXISTS (
                SELECT FROM aclexplode(r.acl) AS g
                WHERE g.grantee = 0 AND g.privilege_type = 'TRUNCATE'
            )) THEN ', PUBLIC'
            ELSE ''
        END
        || ';' AS fix
FROM api_right AS a
JOIN relation AS r USING (oid)
WHERE 'TRUNCATE' = ANY (a.privileges) AND r.kind IN ('r', 'p')
GROUP BY r.oid, r.name
