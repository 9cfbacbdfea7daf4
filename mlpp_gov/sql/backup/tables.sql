-- The tables of a backup; a journal is one that a trigger keeps anybody from rewriting. Not kept: the
-- sessions, which must not come back to life, and the job queue, whose work must not be done again.
SELECT
    c.oid::pg_catalog.regclass::text AS name,
    EXISTS (
        SELECT FROM pg_catalog.pg_trigger AS t
        WHERE t.tgrelid = c.oid AND t.tgfoid = pg_catalog.to_regproc('gouvernance.refuse_rewriting')
    ) AS journal
FROM pg_catalog.pg_class AS c
WHERE c.relkind = 'r'
    AND (
        c.oid = pg_catalog.to_regclass('public.system_alerts')
        OR (
            c.relnamespace = pg_catalog.to_regnamespace('gouvernance')
            AND c.relname !~ '^(django_session$|procrastinate_)'
        )
    )
ORDER BY name
