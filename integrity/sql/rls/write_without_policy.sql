-- code: WRITE_WITHOUT_POLICY
-- level: warn
-- title: Droit d’écrire sans policy prévue pour
-- why: Le rôle a le droit d’écrire et aucune policy ne le nomme pour cela : rien ne dit que c’est voulu, et la première policy trop large ouvre l’écriture sans que personne ne l’ait décidé.
-- action: Retirer le droit, ou écrire la policy qui le borne en nommant le rôle.
-- reference: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
SELECT
    format('%s (%s)', r.name, g.role_name) AS object,
    string_agg(g.privilege, ', ' ORDER BY g.privilege) AS detail,
    format('REVOKE %s ON %s FROM %s;',
        string_agg(g.privilege, ', ' ORDER BY g.privilege), r.name, g.role_name) AS fix
FROM relation AS r
CROSS JOIN LATERAL (
    SELECT DISTINCT
        acl.grantee, acl.privilege_type AS privilege,
        CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END AS role_name
    FROM (
        SELECT grantee, privilege_type FROM aclexplode(r.acl)
        UNION ALL
        SELECT x.grantee, x.privilege_type
        FROM pg_attribute AS t, LATERAL aclexplode(t.attacl) AS x
        WHERE t.attrelid = r.oid AND NOT t.attisdropped
    ) AS acl
    LEFT JOIN pg_roles AS who ON who.oid = acl.grantee
    WHERE acl.privilege_type IN ('INSERT', 'UPDATE', 'DELETE')
        AND acl.grantee <> r.owner
        AND acl.grantee IS DISTINCT FROM to_regrole('anon')  -- ANON_GRANT says it
        AND (who.rolsuper OR who.rolbypassrls) IS NOT TRUE
) AS g
WHERE r.kind IN ('r', 'p') AND r.rls
    AND NOT EXISTS (
        SELECT FROM policy AS p, unnest(p.roles) AS named
        WHERE p.relation = r.oid AND p.permissive
            AND (
                p.command = '*'
                OR p.command_name = g.privilege
            )
            AND CASE WHEN g.grantee = 0 THEN named = 0
                ELSE named <> 0 AND pg_has_role(g.grantee, named, 'USAGE') END
    )
GROUP BY r.oid, r.name, g.grantee, g.role_name
