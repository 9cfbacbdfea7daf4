-- code: RLS_OFF
-- level: error
-- title: Table exposée sans RLS
-- why: Sans RLS, les seuls droits accordés décident : qui a SELECT lit toutes les lignes. Une partition se lit aussi directement, sans les policies de sa table mère : chacune veut sa RLS.
-- action: Activer la RLS, puis écrire une policy par usage. Sans policy, la table se ferme à tous sauf service_role et au propriétaire.
-- reference: https://supabase.com/docs/guides/database/database-linter?lint=0013_rls_disabled_in_public
SELECT
    name AS object,
    CASE kind WHEN 'p' THEN 'table partitionnée' ELSE 'table' END
        || coalesce(
            ' ; droits : ' || (
                SELECT string_agg(
                    role_name || ' ' || array_to_string(privileges, ', '), ' ; ' ORDER BY role_name
                )
                FROM api_right WHERE api_right.oid = relation.oid
            ),
            ' ; aucun droit à anon ni authenticated aujourd’hui'
        ) AS detail,
    format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', name) AS fix
FROM relation
WHERE kind IN ('r', 'p') AND exposed AND NOT rls
    AND oid NOT IN (SELECT relation FROM policy)  -- POLICY_WITHOUT_RLS says more
