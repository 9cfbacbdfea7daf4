-- code: FK_AUTH
-- level: info
-- title: Clé étrangère vers le schéma auth
-- why: auth appartient à la plateforme. Sa clé primaire est stable ; mais supprimer un compte échoue tant qu’une ligne le désigne, sauf si la clé dit quoi faire.
-- action: Rien, si garder la personne est voulu ; sinon choisir ON DELETE en connaissance de cause.
-- reference: https://supabase.com/docs/guides/auth/managing-user-data
SELECT
    format('constraint %I ON %s', k.conname, r.name) AS object,
    format(
        'vers %s, ON DELETE %s', k.confrelid::regclass,
        CASE k.confdeltype
            WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE'
            WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT'
        END
    ) AS detail,
    CASE WHEN k.confdeltype IN ('a', 'r') THEN format(
        E'ALTER TABLE %1$s DROP CONSTRAINT %2$I;\nALTER TABLE %1$s ADD CONSTRAINT %2$I %3$s ON DELETE %4$s;',
        r.name, k.conname, regexp_replace(pg_get_constraintdef(k.oid), ' ON DELETE .*$', ''),
        CASE WHEN EXISTS (
            SELECT FROM pg_attribute AS a
            WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attnotnull
        ) THEN 'CASCADE' ELSE 'SET NULL' END
    ) ELSE '' END AS fix
FROM pg_constraint AS k
JOIN relation AS r ON r.oid = k.conrelid
JOIN pg_class AS target ON target.oid = k.confrelid
JOIN pg_index AS i ON i.indexrelid = k.conindid
WHERE k.contype = 'f' AND target.relnamespace = to_regnamespace('auth') AND i.indisprimary
