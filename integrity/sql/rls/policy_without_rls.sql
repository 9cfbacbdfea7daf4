-- code: POLICY_WITHOUT_RLS
-- level: error
-- title: Policies sur une table dont la RLS est éteinte
-- why: Les policies existent et ne comptent pas : qui les lit croit la table protégée.
-- action: Activer la RLS après avoir relu les policies, ou supprimer celles qui ne servent plus.
-- reference: https://supabase.com/docs/guides/database/database-linter?lint=0007_policy_exists_rls_disabled
SELECT
    table_name AS object,
    format('policies sans effet : %s', count(*)) AS detail,
    format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', table_name) AS fix
FROM policy
WHERE NOT rls
GROUP BY table_name
