-- code: DEFINER_AUTHENTICATED
-- level: warn
-- title: Fonction SECURITY DEFINER exécutable par toute personne connectée
-- why: Elle agit avec les droits de son propriétaire pour quiconque a un compte, quel que soit son rôle : c’est à elle de vérifier qui appelle.
-- action: Vérifier qu’elle contrôle auth.uid() et le profil avant d’agir, puis accepter ce constat ; sinon retirer EXECUTE.
-- reference: https://supabase.com/docs/guides/database/database-linter?lint=0029_authenticated_security_definer_function_executable
SELECT
    name AS object,
    'agit en tant que ' || owner AS detail,
    format('REVOKE EXECUTE ON %s %s FROM PUBLIC, authenticated;', kind, name) AS fix
FROM definer
WHERE exposed AND NOT is_trigger
    AND has_function_privilege(to_regrole('authenticated'), oid, 'EXECUTE')
    AND has_function_privilege(to_regrole('anon'), oid, 'EXECUTE') IS NOT TRUE  -- DEFINER_ANON says it
