-- code: WRITE_ALWAYS_TRUE
-- level: error
-- title: Écriture sans condition (USING (true), WITH CHECK (true))
-- why: La RLS est active et ne retient rien : toute personne du rôle ajoute, change ou supprime n’importe quelle ligne.
-- action: Écrire la condition à la place de false dans le SQL proposé : qui, selon son profil, et sur quelles lignes. Un ajout se borne par WITH CHECK, une modification par USING et WITH CHECK.
-- reference: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
SELECT
    object,
    concat_ws(
        ', ', command_name,
        CASE WHEN always_using THEN 'USING toujours vrai' END,
        CASE WHEN always_check THEN 'WITH CHECK toujours vrai' END
    ) AS detail,
    format('ALTER %s', statement)
        || CASE WHEN always_using THEN ' USING (false)' ELSE '' END
        || CASE WHEN always_check THEN ' WITH CHECK (false)' ELSE '' END
        || ';' AS fix
FROM (
    SELECT
        *,
        coalesce(using_text ~ '^\(*true\)*$' OR using_text ~ '^\((\S+) = \1\)$', false) AS always_using,
        coalesce(check_text ~ '^\(*true\)*$' OR check_text ~ '^\((\S+) = \1\)$', false) AS always_check
    FROM policy
    WHERE permissive AND for_api AND command <> 'r'
) AS written
WHERE always_using OR always_check
