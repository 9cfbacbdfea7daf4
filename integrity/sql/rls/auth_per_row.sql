-- code: AUTH_PER_ROW
-- level: warn
-- title: Fonction auth appelée à chaque ligne
-- why: auth.uid() écrit nu est évalué pour chaque ligne lue ; sur une grande table la lecture devient des centaines de fois plus lente, jusqu’à la limite de temps de l’API.
-- action: L’envelopper dans un SELECT : (SELECT auth.uid()) est évalué une fois par requête.
-- reference: https://supabase.com/docs/guides/database/postgres/row-level-security#call-functions-with-select
SELECT
    object,
    command_name AS detail,
    format('ALTER %s', statement)
        || coalesce(E'\n    USING (' || regexp_replace(
            using_text, '(?<!SELECT )(auth\.(uid|jwt|role|email)\(\))', '(SELECT \1)', 'g'
        ) || ')', '')
        || coalesce(E'\n    WITH CHECK (' || regexp_replace(
            check_text, '(?<!SELECT )(auth\.(uid|jwt|role|email)\(\))', '(SELECT \1)', 'g'
        ) || ')', '')
        || ';' AS fix
FROM (
    SELECT
        *,
        -- Without the sub-selects that have no FROM, which run once; PostgreSQL prints FROM on a new line.
        regexp_replace(
            concat(using_text, ' ', check_text),
            '\( SELECT ([^()\n]|\(([^()\n]|\(([^()\n]|\(([^()\n]|\([^()\n]*\))*\))*\))*\))*\)', '', 'g'
        ) AS per_row
    FROM policy
) AS read
WHERE rls AND per_row ~ '\mauth\.(uid|jwt|role|email)\(\)|\mcurrent_setting\('
