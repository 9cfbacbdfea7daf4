-- What the objects that are not ours let happen around the alerts (contract, section 5), as an operator
-- reads it: (object, risk). What ours hold back is listed too, and says so: it comes back with a revert.
WITH RECURSIVE exposed (oid) AS (  -- the table, the view, and every view that reads them
    SELECT oid FROM unnest(ARRAY[
        to_regclass('public.system_alerts'), to_regclass('public.v_integrity_checks')
    ]) AS oid
    WHERE oid IS NOT NULL
    UNION
    SELECT r.ev_class
    FROM exposed AS e
    JOIN pg_depend AS d ON (d.refclassid, d.refobjid, d.classid)
        = ('pg_class'::regclass, e.oid, 'pg_rewrite'::regclass)
    JOIN pg_rewrite AS r ON r.oid = d.objid
), relation AS (
    SELECT c.oid::regclass AS name, c.relkind, c.relrowsecurity,
        EXISTS (SELECT FROM pg_options_to_table(c.reloptions)
                WHERE option_name = 'security_invoker' AND option_value::boolean) AS is_invoker,
        has_any_column_privilege(to_regrole('anon'), c.oid, 'SELECT') AS anon_reads,
        has_any_column_privilege(to_regrole('authenticated'), c.oid, 'SELECT') AS anyone_reads,
        ARRAY(
            SELECT format('%s : %s', role_name, string_agg(privilege, ', '))
            FROM unnest(ARRAY['anon', 'authenticated']) AS role_name,
                unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
            WHERE has_table_privilege(to_regrole(role_name), c.oid, privilege)
                AND (role_name, privilege) <> ('authenticated', 'SELECT')
            GROUP BY role_name ORDER BY role_name
        ) AS wide_rights
    FROM exposed AS e
    JOIN pg_class AS c USING (oid)
), routine AS (
    SELECT p.oid::regprocedure AS name, coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) AS body,
        has_function_privilege(to_regrole('anon'), p.oid, 'EXECUTE') AS anon_executes,
        has_function_privilege(to_regrole('authenticated'), p.oid, 'EXECUTE') AS anyone_executes,
        NOT coalesce(array_to_string(p.proconfig, ' ') ~ '\msearch_path=', false) AS follows_search_path
    FROM pg_proc AS p
    WHERE p.prokind IN ('f', 'p') AND p.prosecdef AND p.prorettype <> 'trigger'::regtype
        AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, coalesce(to_regnamespace('gouvernance'), 0))
        AND (coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) ~ '\m(system_alerts|v_integrity_checks)\M'
             OR p.oid = to_regprocedure('public.app_current_role()'))
), policy AS (
    SELECT polname AS name, polpermissive AS permissive, polroles = '{0}' AS is_public, polcmd AS command,
        pg_get_expr(polqual, polrelid) AS condition
    FROM pg_policy
    WHERE polrelid = to_regclass('public.system_alerts') AND polname NOT LIKE 'gouvernance\_%'
), installed AS (  -- on the table and in force, by name
    SELECT polname AS name FROM pg_policy JOIN pg_class AS c ON c.oid = polrelid
    WHERE polrelid = to_regclass('public.system_alerts') AND c.relrowsecurity
    UNION ALL
    SELECT tgname FROM pg_trigger
    WHERE tgrelid = to_regclass('public.system_alerts') AND tgenabled IN ('O', 'A')
), held AS (
    SELECT
        CASE WHEN 'gouvernance_floor_read' IN (TABLE installed)
            THEN ' (retenu par nos policies)' ELSE '' END AS by_policies,
        CASE WHEN 'gouvernance_handle' IN (TABLE installed)
            THEN ' (la nôtre, à côté, laisse agir qui le doit)' ELSE '' END AS by_handle,
        CASE WHEN 'zz_gouvernance_guard_update' IN (TABLE installed)
            THEN ' (nos gardes ont le dernier mot)' ELSE '' END AS by_guards,
        CASE WHEN 'gouvernance_floor_anon' IN (TABLE installed)
                AND 'zz_gouvernance_guard_truncate' IN (TABLE installed)
            THEN ' (retenu par nos policies et nos gardes)' ELSE '' END AS by_both
)
SELECT 'vue ' || name AS object,
    CASE
        WHEN anon_reads AND is_invoker THEN 'lisible par anon'
        WHEN anon_reads THEN 'lisible par anon, sans security_invoker : elle montre tout à Internet'
        ELSE 'sans security_invoker : elle montre tout à toute personne connectée'
    END AS risk
FROM relation
WHERE relkind IN ('v', 'm') AND (anon_reads OR (anyone_reads AND NOT is_invoker))
UNION ALL
SELECT 'table ' || name, 'RLS désactivée : les policies ne comptent pas'
FROM relation WHERE relkind = 'r' AND NOT relrowsecurity
UNION ALL
SELECT 'table ' || name,
    'droits trop larges : ' || array_to_string(wide_rights, ' ; ') || by_both
FROM relation, held WHERE relkind = 'r' AND wide_rights <> '{}'
UNION ALL
SELECT 'policy ' || name, '{public}, permissive : elle vaut aussi pour anon' || by_policies
FROM policy, held WHERE permissive AND is_public
UNION ALL
SELECT 'policy ' || name, 'USING (true), permissive : elle ouvre toutes les alertes' || by_policies
FROM policy, held WHERE permissive AND condition = 'true'
UNION ALL
SELECT 'policy ' || name,
    'elle compare profils.id à auth.uid() : 0 ligne modifiée, sans erreur' || by_handle
FROM policy, held
WHERE command IN ('w', '*') AND condition ~ '\mprofils\M'
    AND condition ~ '(\.id = \(*( SELECT )?auth\.uid\(\)|auth\.uid\(\)( AS uid)?\)* = \w+\.id\M)'
UNION ALL
SELECT 'fonction ' || name, 'SECURITY DEFINER, exécutable par anon' FROM routine WHERE anon_executes
UNION ALL
SELECT 'fonction ' || name, 'appelée par une personne, même sans droit sur les alertes, elle agit en son nom'
FROM routine
WHERE anyone_executes AND body ~* '\mupdate\s+(public\.)?system_alerts\M'
UNION ALL
SELECT 'fonction ' || name, 'SECURITY DEFINER sans search_path fixé' FROM routine
WHERE follows_search_path
UNION ALL
SELECT 'fonction ' || name, 'LIMIT sans ORDER BY : ' || CASE
        WHEN body ~ '\mv_integrity_checks\M' THEN 'des CRITICAL peuvent ne jamais arriver'
        ELSE 'de deux profils d’une personne, le hasard choisit'
    END
FROM routine
WHERE body ~* '\mlimit\M' AND body !~* '\morder\s+by\M'
UNION ALL
SELECT 'fonction ' || name, 'tant qu’elle tourne, elle rouvre ce qu’une personne a accepté' FROM routine
WHERE body ~* '\minsert\s+into\s+(public\.)?system_alerts\M'
UNION ALL
SELECT 'trigger ' || t.tgname, 'ancien : il écrit acteurs et dates à sa façon' || by_guards
FROM pg_trigger AS t
JOIN pg_proc AS p ON p.oid = t.tgfoid, held
WHERE t.tgrelid = to_regclass('public.system_alerts') AND NOT t.tgisinternal AND t.tgtype & 2 = 2
    AND p.pronamespace <> coalesce(to_regnamespace('gouvernance'), 0)
    AND p.prosrc ~ '(acknowledged|resolved)_(by|at)'
ORDER BY object, risk
