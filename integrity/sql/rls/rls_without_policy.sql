-- code: RLS_WITHOUT_POLICY
-- level: info
-- title: RLS active, aucune policy
-- why: Personne n’y lit ni n’y écrit, sauf le propriétaire et service_role. C’est sûr ; si une application attend des lignes, elle n’en verra aucune, sans erreur.
-- action: Si quelqu’un doit y accéder, écrire sa policy, en nommant son rôle. Sinon rien.
-- reference: https://supabase.com/docs/guides/database/database-linter?lint=0008_rls_enabled_no_policy
SELECT
    name AS object,
    'fermée à tous, sauf au propriétaire et à service_role' AS detail,
    format('REVOKE ALL ON %s FROM anon, authenticated;', name) AS fix
FROM relation
WHERE kind IN ('r', 'p') AND exposed AND rls AND oid NOT IN (SELECT relation FROM policy)
