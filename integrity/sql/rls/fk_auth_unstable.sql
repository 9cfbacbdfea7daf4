-- code: FK_AUTH_UNSTABLE
-- level: warn
-- title: Clé étrangère vers une colonne d’auth qui n’est pas sa clé primaire
-- why: La plateforme change ses tables sans prévenir, et ne garantit que leurs clés primaires : une mise à jour d’auth peut échouer sur cette contrainte, ou la casser.
-- action: Désigner le compte par auth.users.id.
-- reference: https://supabase.com/docs/guides/database/database-linter?lint=0021_fkey_to_auth_unique
SELECT
    format('constraint %I ON %s', k.conname, r.name) AS object,
    pg_get_constraintdef(k.oid) AS detail,
    format('ALTER TABLE %s DROP CONSTRAINT %I;', r.name, k.conname) AS fix
FROM pg_constraint AS k
JOIN relation AS r ON r.oid = k.conrelid
JOIN pg_class AS target ON target.oid = k.confrelid
JOIN pg_index AS i ON i.indexrelid = k.conindid
WHERE k.contype = 'f' AND target.relnamespace = to_regnamespace('auth') AND NOT i.indisprimary
