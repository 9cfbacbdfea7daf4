-- What a person is told of alerts when they come back: a small part of the journal, by its time.
CREATE INDEX IF NOT EXISTS alert_events_news ON gouvernance.alert_events (at)
WHERE kind IN ('opened', 'reopened', 'acknowledged', 'resolved', 'accepted')
    OR (kind = 'refreshed' AND details ->> 'severity' = 'CRITICAL' AND details ->> 'severity_before' = 'WARN');

-- The last events since a moment, at most so many, the reader's own acts apart; none to whom the journal's
-- policy shows none. It reads as the owner because the planner, which takes that policy for a condition that
-- few rows meet, would otherwise sort all there is to find the last.
CREATE OR REPLACE FUNCTION gouvernance.news_since(p_since timestamptz, p_most integer)
RETURNS TABLE (id bigint, alert_id uuid, kind text, severity text, at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    reader CONSTANT uuid := auth.uid();
BEGIN
    IF coalesce(gouvernance.role_of(reader), '') NOT IN ('admin', 'directeur', 'pca') THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT
        e.id, e.alert_id, CASE e.kind WHEN 'refreshed' THEN 'worsened' ELSE e.kind END,
        e.details ->> 'severity', e.at
    FROM gouvernance.alert_events AS e
    WHERE e.at > p_since
        AND (
            e.kind IN ('opened', 'reopened', 'acknowledged', 'resolved', 'accepted')
            OR (
                e.kind = 'refreshed' AND e.details ->> 'severity' = 'CRITICAL'
                AND e.details ->> 'severity_before' = 'WARN'
            )
        )
        AND e.source <> 'import'
        AND e.actor IS DISTINCT FROM reader
    ORDER BY e.at DESC
    LIMIT p_most;
END
$$;
REVOKE ALL ON FUNCTION gouvernance.news_since(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.news_since(timestamptz, integer) TO authenticated;
