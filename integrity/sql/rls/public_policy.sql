-- code: PUBLIC_POLICY
-- level: error
-- title: Policy permissive {public}
-- why: Une policy écrite sans TO vaut pour tous les rôles, anon compris : la clé anon étant publique, elle vaut pour Internet. Les policies permissives s’additionnent : une autre, plus stricte, ne la referme pas.
-- action: Nommer le rôle à qui elle est destinée. Le standard de ML_PP est 0 policy {public}.
-- reference: https://www.postgresql.org/docs/current/sql-createpolicy.html
SELECT
    object,
    format('%s, pour tous les rôles', command_name) AS detail,
    format('ALTER %s TO authenticated;', statement) AS fix
FROM policy
WHERE permissive AND is_public
