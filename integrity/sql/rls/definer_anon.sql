-- code: DEFINER_ANON
-- level: error
-- title: Fonction SECURITY DEFINER exécutable par anon
-- why: Elle agit avec les droits de son propriétaire, que la RLS ne retient pas, et l’API l’offre à Internet (/rest/v1/rpc/…). EXECUTE est accordé à PUBLIC dès la création.
-- action: Retirer EXECUTE à PUBLIC et à anon, puis l’accorder à qui doit l’appeler ; ou la rendre SECURITY INVOKER.
-- reference: https://supabase.com/docs/guides/database/database-linter?lint=0028_anon_security_definer_function_executable
SELECT
    name AS object,
    'agit en tant que ' || owner AS detail,
    format('REVOKE EXECUTE ON %s %s FROM PUBLIC, anon;', kind, name) AS fix
FROM definer
WHERE exposed AND NOT is_trigger AND has_function_privilege(to_regrole('anon'), oid, 'EXECUTE')
