-- code: READ_ALWAYS_TRUE
-- level: warn
-- title: Lecture sans condition (USING (true))
-- why: Toute personne du rôle lit toutes les lignes. Voulu pour une liste de référence, une fuite pour le reste ; et aucune autre policy permissive ne la rétrécit.
-- action: Écrire la condition à la place de false dans le SQL proposé, ou accepter ce constat avec la raison pour laquelle tous peuvent lire.
-- reference: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
SELECT
    object,
    'SELECT, USING toujours vrai' AS detail,
    format('ALTER %s USING (false);', statement) AS fix
FROM policy
WHERE permissive AND for_api AND command = 'r'
    AND (using_text ~ '^\(*true\)*$' OR using_text ~ '^\((\S+) = \1\)$')
