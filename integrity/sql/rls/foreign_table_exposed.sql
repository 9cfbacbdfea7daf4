-- code: FOREIGN_TABLE_EXPOSED
-- level: error
-- title: Table étrangère ouverte à l’API
-- why: Une table étrangère n’a pas de RLS, et agit sur l’autre serveur avec l’identité que la connexion lui donne.
-- action: La mettre dans un schéma que l’API ne sert pas, et retirer les droits.
-- reference: https://supabase.com/docs/guides/database/database-linter?lint=0017_foreign_table_in_api
SELECT
    r.name AS object,
    string_agg(a.role_name || ' ' || array_to_string(a.privileges, ', '), ' ; ' ORDER BY a.role_name)
        AS detail,
    format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated;', r.name) AS fix
FROM api_right AS a
JOIN relation AS r USING (oid)
WHERE r.kind = 'f'
GROUP BY r.oid, r.name
