SELECT pg_temp.expect_columns('gouvernance.contract_objects', ARRAY[
    'name text NOT NULL',
    'checksum text NOT NULL',
    'restore_sql text',
    'deployed_by text NOT NULL',
    'deployed_at timestamp with time zone NOT NULL'
]);

SELECT pg_temp.expect('fonctions du schéma gouvernance', ARRAY[
        'finite(value numeric) IMMUTABLE',
        'grant_job_queue() search_path=""',
        'jour(value date) STABLE',
        'litres(value numeric) STABLE',
        'moment(value date) IMMUTABLE',
        'moment(value timestamp with time zone) IMMUTABLE',
        'other_sources() IMMUTABLE search_path=""',
        'profile_roles(person uuid) STABLE SECURITY DEFINER search_path=""',
        'profiles_of(person uuid) STABLE SECURITY DEFINER search_path=""',
        'refuse_rewriting() search_path=""',
        'role_of(person uuid) STABLE SECURITY DEFINER search_path=""'
    ],
    ARRAY(
        SELECT format('%s(%s)%s', p.proname, pg_get_function_arguments(p.oid),
            CASE p.provolatile WHEN 'i' THEN ' IMMUTABLE' WHEN 's' THEN ' STABLE' ELSE '' END
            || CASE WHEN p.prosecdef THEN ' SECURITY DEFINER' ELSE '' END
            || coalesce(' ' || array_to_string(p.proconfig, ' '), ''))
        FROM pg_proc AS p
        WHERE p.pronamespace = 'gouvernance'::regnamespace
            AND p.proname IN (
                'finite', 'grant_job_queue', 'jour', 'litres', 'moment', 'other_sources',
                'profile_roles', 'profiles_of', 'refuse_rewriting', 'role_of'
            )
    )
);

SELECT pg_temp.expect('droits sur gouvernance.profile_roles', ARRAY['mlpp_gov_app'],
    pg_temp.executors('gouvernance.profile_roles(uuid)'));
SELECT pg_temp.expect('droits sur gouvernance.profiles_of', ARRAY['mlpp_gov_app'],
    pg_temp.executors('gouvernance.profiles_of(uuid)'));
SELECT pg_temp.expect('droits sur gouvernance.role_of', ARRAY['authenticated', 'mlpp_gov_app'],
    pg_temp.executors('gouvernance.role_of(uuid)'));

SELECT pg_temp.expect('droits sur gouvernance.grant_job_queue', ARRAY[]::text[],
    pg_temp.executors('gouvernance.grant_job_queue()'));
SELECT pg_temp.expect('droits sur gouvernance.other_sources', ARRAY[]::text[],
    pg_temp.executors('gouvernance.other_sources()'));

-- The job queue; none of it is there before the migrations.
SELECT pg_temp.expect('droits sur ' || p.oid::regprocedure, ARRAY['mlpp_gov_app'],
    pg_temp.executors(p.oid::regprocedure::text))
FROM pg_proc AS p
WHERE p.pronamespace = 'gouvernance'::regnamespace AND p.proname LIKE 'procrastinate\_%';

SELECT pg_temp.expect('droits sur ' || c.oid::regclass,
    CASE c.relkind
        WHEN 'S' THEN ARRAY['mlpp_gov_app: USAGE']
        ELSE ARRAY[
            'mlpp_gov_app: SELECT', 'mlpp_gov_app: INSERT', 'mlpp_gov_app: UPDATE', 'mlpp_gov_app: DELETE'
        ]
    END,
    pg_temp.grants(c.oid::regclass::text))
FROM pg_class AS c
WHERE c.relnamespace = 'gouvernance'::regnamespace AND c.relname LIKE 'procrastinate\_%'
    AND c.relkind IN ('S', 'r');

SELECT pg_temp.expect('attributs du rôle mlpp_gov_app', ARRAY[]::text[], ARRAY(
    SELECT attribut
    FROM pg_roles AS r, LATERAL (VALUES
        ('SUPERUSER', r.rolsuper), ('INHERIT', r.rolinherit), ('BYPASSRLS', r.rolbypassrls),
        ('CREATEROLE', r.rolcreaterole), ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication)
    ) AS a(attribut, present)
    WHERE r.rolname = 'mlpp_gov_app' AND a.present
));

SELECT pg_temp.expect('rôles accordés à mlpp_gov_app', ARRAY['authenticated'], ARRAY(
    SELECT m.roleid::regrole || CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END
    FROM pg_auth_members AS m WHERE m.member = 'mlpp_gov_app'::regrole
));

-- USAGE would mean the rights of `authenticated` without SET ROLE.
SELECT pg_temp.expect('rôles hérités par mlpp_gov_app', ARRAY[]::text[], ARRAY(
    SELECT 'authenticated' WHERE pg_has_role('mlpp_gov_app', 'authenticated', 'USAGE')
));

SELECT pg_temp.expect('droits sur le schéma gouvernance',
    ARRAY['authenticated: USAGE', 'mlpp_gov_app: USAGE'], ARRAY(
    SELECT format('%s: %s', CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                  a.privilege_type)
    FROM pg_namespace AS n, LATERAL aclexplode(n.nspacl) AS a
    WHERE n.oid = 'gouvernance'::regnamespace AND a.grantee <> n.nspowner
));

SELECT pg_temp.expect('droits sur gouvernance.contract_objects',
    ARRAY['mlpp_gov_app: SELECT(name)', 'mlpp_gov_app: SELECT(checksum)'],
    pg_temp.grants('gouvernance.contract_objects'));
SELECT pg_temp.expect('droits sur gouvernance.contract_definitions', ARRAY['mlpp_gov_app: SELECT'],
    pg_temp.grants('gouvernance.contract_definitions'));
