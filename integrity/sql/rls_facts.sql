-- What every finding of rls/ looks at, read once: the runner puts these before each file's SELECT.
-- Runs with an empty search_path, so that names come out qualified, and needs no right but to log in.
-- The platform's schemas are Supabase's to keep. A schema is exposed when the Internet can name it: public,
-- those that PostgREST is told to serve in the database, and those that anon may use.
WITH space AS MATERIALIZED (
    SELECT
        n.oid,
        n.nspname = 'public'
            OR coalesce(has_schema_privilege(to_regrole('anon'), n.oid, 'USAGE'), false)
            OR n.nspname IN (
                SELECT btrim(served)
                FROM pg_db_role_setting AS s,
                    unnest(s.setconfig) AS setting,
                    string_to_table(substr(setting, length('pgrst.db_schemas=') + 1), ',') AS served
                WHERE setting LIKE 'pgrst.db\_schemas=%'
            ) AS exposed
    FROM pg_namespace AS n
    WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN (
        'information_schema', 'auth', 'cron', 'extensions', 'graphql', 'graphql_public', 'net',
        'pgbouncer', 'pgmq', 'pgsodium', 'pgsodium_masks', 'realtime', 'storage', 'supabase_functions',
        'supabase_migrations', 'vault'
    )
), relation AS MATERIALIZED (
    SELECT
        c.oid, c.oid::regclass::text AS name, c.relkind AS kind, c.relrowsecurity AS rls,
        c.relowner AS owner, c.relacl AS acl, c.relnamespace AS space, c.reloptions AS options, s.exposed
    FROM pg_class AS c
    JOIN space AS s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
        )
), api_right AS MATERIALIZED (  -- what the two roles of the API may do, PUBLIC's rights included
    SELECT
        r.oid, role_name,
        array_agg(privilege ORDER BY n) AS privileges
    FROM relation AS r
    CROSS JOIN unnest(ARRAY['anon', 'authenticated']) AS role_name
    CROSS JOIN unnest(
        ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']
    ) WITH ORDINALITY AS p (privilege, n)
    WHERE has_schema_privilege(to_regrole(role_name), r.space, 'USAGE')
        AND CASE
            WHEN privilege IN ('DELETE', 'TRUNCATE', 'TRIGGER')
            THEN has_table_privilege(to_regrole(role_name), r.oid, privilege)
            ELSE has_any_column_privilege(to_regrole(role_name), r.oid, privilege)
        END
    GROUP BY r.oid, role_name
), policy AS MATERIALIZED (
    SELECT
        p.oid, p.polrelid AS relation, r.name AS table_name, r.rls, p.polpermissive AS permissive,
        p.polroles AS roles, 0 = ANY (p.polroles) AS is_public, p.polcmd AS command,
        format('policy %I ON %s', p.polname, r.name) AS object,
        format('POLICY %I ON %s', p.polname, r.name) AS statement,
        CASE p.polcmd
            WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
            ELSE 'ALL'
        END AS command_name,
        pg_get_expr(p.polqual, p.polrelid) AS using_text,
        pg_get_expr(p.polwithcheck, p.polrelid) AS check_text,
        EXISTS (  -- for somebody who comes through the API
            SELECT FROM unnest(p.polroles) AS granted
            WHERE granted = 0
                OR pg_has_role(to_regrole('anon'), granted, 'USAGE')
                OR pg_has_role(to_regrole('authenticated'), granted, 'USAGE')
        ) AS for_api
    FROM pg_policy AS p
    JOIN relation AS r ON r.oid = p.polrelid
), definer AS MATERIALIZED (  -- what runs with its owner's rights
    SELECT
        p.oid, p.oid::regprocedure::text AS name, s.exposed,
        CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS kind,
        p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype) AS is_trigger,
        p.proconfig AS settings, p.proowner::regrole::text AS owner
    FROM pg_proc AS p
    JOIN space AS s ON s.oid = p.pronamespace
    WHERE p.prosecdef AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
), account AS MATERIALIZED (  -- auth.users, which a login without USAGE on auth can't name
    SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace('auth') AND relname = 'users'
)
