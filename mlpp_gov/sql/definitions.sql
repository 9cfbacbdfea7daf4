-- What the contract's own objects are made of, each with a fingerprint: bodies of functions and views,
-- policies, constraints. Names say the kind, so that verify can name what somebody rewrote.
SELECT 'fonction ' || p.oid::regprocedure AS name, md5(pg_get_functiondef(p.oid)) AS fingerprint
FROM pg_proc AS p
-- Django's migrations look after those of the job queue.
WHERE p.pronamespace = 'gouvernance'::regnamespace AND p.proname NOT LIKE 'procrastinate\_%'
UNION ALL
SELECT 'vue ' || c.oid::regclass, md5(pg_get_viewdef(c.oid) || coalesce(c.reloptions::text, ''))
FROM pg_class AS c
WHERE c.relkind = 'v'
    AND (c.relnamespace = 'gouvernance'::regnamespace
         OR (c.oid = to_regclass('public.v_integrity_checks')
             AND EXISTS (SELECT FROM gouvernance.contract_objects WHERE name = 'v_integrity_checks')))
UNION ALL
SELECT format('policy %s de %s', p.polname, p.polrelid::regclass),
    md5(concat_ws(' | ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)))
FROM pg_policy AS p
WHERE p.polname LIKE 'gouvernance\_%'
UNION ALL
SELECT format('contrainte %s de %s', k.conname, k.conrelid::regclass), md5(pg_get_constraintdef(k.oid))
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
-- Django's migrations look after the tables of its models.
WHERE c.relnamespace = 'gouvernance'::regnamespace
    AND c.relname ~ '^(access|contract|sync|check|alert|service|simulation)_'
