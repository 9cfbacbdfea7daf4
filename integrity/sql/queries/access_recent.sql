-- The refusals (401 and 403) of the last 24 hours, and whether the database shows them to this person.
SELECT
    coalesce((SELECT gouvernance.role_of(auth.uid())) IN ('admin', 'directeur'), false) AS admitted,
    coalesce(sum(count), 0)::bigint AS refusals,
    EXISTS (SELECT FROM gouvernance.check_acces_suspects) AS spike
FROM gouvernance.access_events
WHERE refused AND at >= now() - interval '24 hours'
