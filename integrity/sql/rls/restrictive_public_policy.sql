-- code: RESTRICTIVE_PUBLIC_POLICY
-- level: info
-- title: Policy restrictive {public}
-- why: Une policy restrictive n’ouvre rien : elle retranche à ce que les autres permettent, pour tous les rôles. C’est un plancher sain, à connaître pour comprendre un refus.
-- action: Rien à corriger. Nommer les rôles la rend plus lisible.
-- reference: https://www.postgresql.org/docs/current/sql-createpolicy.html
SELECT
    object,
    format('%s, restrictive, pour tous les rôles', command_name) AS detail,
    format('ALTER %s TO anon, authenticated;', statement) AS fix
FROM policy
WHERE NOT permissive AND is_public
