-- A person is here: after a silence, another visit begins where the last one ended. Once in a while is
-- enough, and whoever comes at the same moment finds it done.
UPDATE gouvernance.mlpp_gov_user
SET previous_visit_ended_at =
        CASE WHEN last_seen_at <= now() - %(silence)s THEN last_seen_at ELSE previous_visit_ended_at END,
    last_seen_at = now()
WHERE id = %(person)s AND (last_seen_at IS NULL OR last_seen_at < now() - %(often)s)
RETURNING previous_visit_ended_at, last_seen_at
