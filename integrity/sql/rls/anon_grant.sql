-- code: ANON_GRANT
-- level: error
-- title: Droits accordés à anon
-- why: La clé anon est publique : anon, c’est Internet. Rien dans ML_PP ne lui est destiné ; un droit qui dort n’attend qu’une policy trop large pour servir.
-- action: Retirer les droits à anon, et à PUBLIC s’ils viennent de là ; retirer aussi les droits par défaut, sinon la prochaine table les reçoit.
-- reference: https://supabase.com/docs/guides/api/securing-your-api
SELECT
    r.name AS object,
    'anon : ' || array_to_string(array_remove(a.privileges, 'TRUNCATE'), ', ') AS detail,
    format('REVOKE ALL ON %s FROM anon', r.name)
        || CASE WHEN EXISTS (SELECT FROM aclexplode(r.acl) AS g WHERE g.grantee = 0) THEN ', PUBLIC' ELSE '' END
        || ';' AS fix
FROM api_right AS a
JOIN relation AS r USING (oid)
WHERE a.role_name = 'anon' AND a.privileges <> ARRAY['TRUNCATE']
    AND r.kind IN ('r', 'p', 'v')  -- MATVIEW_EXPOSED and FOREIGN_TABLE_EXPOSED say the others
