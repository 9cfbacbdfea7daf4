-- code: MATVIEW_EXPOSED
-- level: error
-- title: Vue matérialisée lisible par l’API
-- why: Une vue matérialisée est une copie sans RLS : qui la lit voit toutes les lignes qu’elle a copiées.
-- action: Retirer le droit de la lire, et servir ses lignes par une vue security_invoker sur des tables protégées.
-- reference: https://supabase.com/docs/guides/database/database-linter?lint=0016_materialized_view_in_api
SELECT
    r.name AS object,
    'lisible par ' || string_agg(a.role_name, ', ' ORDER BY a.role_name) AS detail,
    format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated;', r.name) AS fix
FROM api_right AS a
JOIN relation AS r USING (oid)
WHERE r.kind = 'm' AND 'SELECT' = ANY (a.privileges)
GROUP BY r.oid, r.name
