-- code: WRONG_ID
-- level: error
-- title: Policy qui compare le mauvais identifiant à auth.uid()
-- why: auth.uid() est l’identifiant du compte (user_id) ; l’id d’une ligne de profil en est un autre. La condition n’est jamais vraie : un UPDATE touche 0 ligne, sans erreur, et l’écran annonce un succès.
-- action: Comparer la colonne qui désigne le compte : user_id = (SELECT auth.uid()).
-- reference: https://supabase.com/docs/guides/database/postgres/row-level-security
SELECT
    p.object,
    format('%s, compare %s.id à auth.uid()', p.command_name, string_agg(DISTINCT t.oid::regclass::text, ', '))
        AS detail,
    format('DROP %s;', p.statement) AS fix
FROM policy AS p
JOIN pg_depend AS d
    ON (d.classid, d.objid, d.refclassid) = ('pg_policy'::regclass, p.oid, 'pg_class'::regclass)
JOIN pg_class AS t ON t.oid = d.refobjid
JOIN pg_attribute AS a
    ON a.attrelid = t.oid AND a.attnum = d.refobjsubid AND a.attname = 'id'
WHERE concat(p.using_text, ' ', p.check_text)
        ~ '(\mid\)*(::\w+)? = \(*( SELECT )?\(*auth\.uid\(\)|auth\.uid\(\)( AS uid)?\)*(::\w+\)*)? = \(*(\w+\.|"[^"]+"\.)?id\M)'
    AND EXISTS (  -- another column names the account
        SELECT FROM pg_attribute AS named
        WHERE named.attrelid = t.oid AND named.attname = 'user_id' AND NOT named.attisdropped
    )
    AND NOT EXISTS (
        SELECT FROM pg_constraint AS k
        WHERE k.conrelid = t.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
            AND k.confrelid IN (SELECT oid FROM account)
    )
GROUP BY p.oid, p.object, p.command_name, p.statement
