-- What the matrix tries, after rls_facts.sql: every exposed relation, the roles that RLS binds there, a column
-- that each role may change, and the policies with the roles that they hold for. %(roles)s are those tried.
SELECT
    r.name, r.kind::text AS kind,
    (
        SELECT coalesce(array_agg(who.rolname::text), '{}')
        FROM pg_roles AS who
        WHERE who.rolname = ANY (%(roles)s) AND r.rls AND NOT who.rolsuper AND NOT who.rolbypassrls
            AND NOT pg_has_role(who.oid, r.owner, 'USAGE')
    ) AS bound,
    (
        SELECT coalesce(jsonb_object_agg(who.rolname, (
            SELECT format('%%I', a.attname)
            FROM pg_attribute AS a
            WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY has_column_privilege(who.oid, r.oid, a.attnum, 'UPDATE') DESC, a.attnum
            LIMIT 1
        )), '{}')
        FROM pg_roles AS who
        WHERE who.rolname = ANY (%(roles)s)
    ) AS columns,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'command', p.command_name,
            'permissive', p.permissive,
            'using', p.using_text,
            'check', coalesce(p.check_text, p.using_text),
            'reads_row', EXISTS (
                SELECT FROM pg_depend AS d
                WHERE (d.classid, d.objid, d.refclassid, d.refobjid)
                        = ('pg_policy'::regclass, p.oid, 'pg_class'::regclass, r.oid)
                    AND d.refobjsubid > 0
            ),
            'roles', (
                SELECT coalesce(jsonb_agg(who.rolname), '[]')
                FROM pg_roles AS who
                WHERE who.rolname = ANY (%(roles)s) AND EXISTS (
                    SELECT FROM unnest(p.roles) AS named
                    WHERE CASE WHEN named = 0 THEN true ELSE pg_has_role(who.oid, named, 'USAGE') END
                )
            )
        )), '[]')
        FROM policy AS p
        WHERE p.relation = r.oid
    ) AS policies
FROM relation AS r
WHERE r.exposed
ORDER BY r.name
