-- code: ROLE_SELF_SERVICE
-- level: error
-- title: Chacun peut se donner un rôle
-- why: Qui peut écrire la colonne role de son propre profil, ou s’ajouter un second profil, se fait administrateur. La RLS choisit des lignes, jamais des colonnes : une policy « sa propre ligne » ouvre aussi role.
-- action: Retirer le droit sur la colonne role (accorder colonne par colonne le reste), et réserver l’ajout de profils à un administrateur.
-- reference: https://supabase.com/docs/guides/database/postgres/column-level-security
SELECT
    r.name AS object,
    format(
        '%s de la colonne %I par authenticated, sans condition sur le rôle',
        right_.privilege, a.attname
    ) AS detail,
    CASE right_.privilege
        WHEN 'INSERT' THEN format('REVOKE INSERT ON %s FROM authenticated;', r.name)
        ELSE format(
            E'REVOKE UPDATE ON %1$s FROM authenticated;\nGRANT UPDATE (%2$s) ON %1$s TO authenticated;',
            r.name,
            (SELECT string_agg(format('%I', attname), ', ' ORDER BY attnum) FROM pg_attribute
             WHERE attrelid = r.oid AND attnum > 0 AND NOT attisdropped
                AND attname NOT IN (a.attname, 'id', 'user_id'))
        )
    END AS fix
FROM relation AS r
JOIN pg_attribute AS a
    ON a.attrelid = r.oid AND NOT a.attisdropped AND a.attname IN ('role', 'roles', 'is_admin')
CROSS JOIN (VALUES ('INSERT', 'a'::"char"), ('UPDATE', 'w')) AS right_ (privilege, command)
WHERE r.kind IN ('r', 'p')
    AND EXISTS (  -- it describes people
        SELECT FROM pg_constraint AS k
        WHERE k.conrelid = r.oid AND k.contype = 'f' AND k.confrelid IN (SELECT oid FROM account)
        UNION ALL
        SELECT FROM pg_attribute AS named
        WHERE named.attrelid = r.oid AND named.attname = 'user_id' AND NOT named.attisdropped
    )
    AND has_column_privilege(to_regrole('authenticated'), r.oid, a.attnum, right_.privilege)
    AND has_schema_privilege(to_regrole('authenticated'), r.space, 'USAGE')
    AND r.rls  -- RLS_OFF says the rest
    AND EXISTS (  -- a policy lets them, and neither looks at the role nor asks a function that might
        SELECT FROM policy AS p
        WHERE p.relation = r.oid AND p.permissive AND p.for_api AND p.command IN (right_.command, '*')
            AND NOT EXISTS (
                SELECT FROM pg_depend AS d
                LEFT JOIN pg_proc AS f ON d.refclassid = 'pg_proc'::regclass AND f.oid = d.refobjid
                LEFT JOIN pg_namespace AS n ON n.oid = f.pronamespace
                WHERE (d.classid, d.objid) = ('pg_policy'::regclass, p.oid)
                    AND (
                        (d.refclassid, d.refobjid, d.refobjsubid)
                            = ('pg_class'::regclass, r.oid, a.attnum::integer)
                        OR n.nspname <> 'auth'
                    )
            )
    )
