-- code: VIEW_NOT_INVOKER
-- level: error
-- title: Vue sans security_invoker sur des tables protégées
-- why: Une telle vue lit avec les droits de son propriétaire, que la RLS ne retient pas : qui a le droit de la lire voit toutes les lignes.
-- action: Lui donner security_invoker, après avoir vérifié que ses lecteurs ont les droits et les policies des tables ; ou retirer le droit de la lire.
-- reference: https://supabase.com/docs/guides/database/database-linter?lint=0010_security_definer_view
WITH RECURSIVE reads (view, relation) AS (  -- through other views too
    SELECT r.ev_class, d.refobjid
    FROM relation AS v
    JOIN pg_rewrite AS r ON r.ev_class = v.oid
    JOIN pg_depend AS d
        ON (d.classid, d.objid, d.refclassid) = ('pg_rewrite'::regclass, r.oid, 'pg_class'::regclass)
    WHERE v.kind = 'v' AND d.refobjid <> r.ev_class
    UNION
    SELECT reads.view, d.refobjid
    FROM reads
    JOIN pg_rewrite AS r ON r.ev_class = reads.relation
    JOIN pg_depend AS d
        ON (d.classid, d.objid, d.refclassid) = ('pg_rewrite'::regclass, r.oid, 'pg_class'::regclass)
    WHERE d.refobjid <> r.ev_class
)
SELECT
    v.name AS object,
    format(
        '%s ; tables protégées : %s',
        (SELECT string_agg(
            role_name || ' ' || array_to_string(privileges, ', '), ' ; ' ORDER BY role_name
        ) FROM api_right AS a WHERE a.oid = v.oid),
        (SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid::regclass::text)
         FROM reads JOIN pg_class AS c ON c.oid = reads.relation
         WHERE reads.view = v.oid AND c.relrowsecurity)
    ) AS detail,
    format('ALTER VIEW %s SET (security_invoker = true);', v.name) AS fix
FROM relation AS v
WHERE v.kind = 'v'
    AND NOT EXISTS (
        SELECT FROM pg_options_to_table(v.options)
        WHERE option_name = 'security_invoker' AND option_value::boolean
    )
    AND EXISTS (SELECT FROM api_right AS a WHERE a.oid = v.oid)
    AND EXISTS (
        SELECT FROM reads JOIN pg_class AS c ON c.oid = reads.relation
        WHERE reads.view = v.oid AND c.relrowsecurity
    )
