-- code: USER_EDITABLE_CLAIM
-- level: error
-- title: Policy qui croit une donnée que la personne change elle-même
-- why: user_metadata appartient à la personne : updateUser({ data: { role: 'admin' } }) suffit pour la changer, et la policy la croit.
-- action: Lire le rôle dans profils, ou dans app_metadata que seul le serveur écrit.
-- reference: https://supabase.com/docs/guides/database/database-linter?lint=0015_rls_references_user_metadata
SELECT
    object,
    command_name || CASE
        WHEN concat(using_text, check_text) ~ '\m(raw_user_meta_data|user_metadata)\M'
        THEN ', lit user_metadata'
        ELSE ', appelle une fonction qui lit user_metadata'
    END AS detail,
    format('DROP %s;', statement) AS fix
FROM policy
WHERE concat(
    using_text, check_text,
    (SELECT string_agg(coalesce(pg_get_function_sqlbody(f.oid), f.prosrc), ' ')
     FROM pg_depend AS d
     JOIN pg_proc AS f ON f.oid = d.refobjid
     WHERE (d.classid, d.objid, d.refclassid)
         = ('pg_policy'::regclass, policy.oid, 'pg_proc'::regclass))
) ~ '\m(raw_user_meta_data|user_metadata)\M'
