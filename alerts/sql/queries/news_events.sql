-- What happened to alerts since a moment, the latest first and no more than so many: detected, reopened,
-- worse, acknowledged, resolved, accepted; the reader's own acts apart. The index has the same condition.
SELECT
    id, alert_id, at, details ->> 'severity' AS severity,
    CASE kind WHEN 'refreshed' THEN 'worsened' ELSE kind END AS kind
FROM gouvernance.alert_events
WHERE at > %s
    AND (
        kind IN ('opened', 'reopened', 'acknowledged', 'resolved', 'accepted')
        OR (kind = 'refreshed' AND details ->> 'severity' = 'CRITICAL' AND details ->> 'severity_before' = 'WARN')
    )
    AND source <> 'import'
    AND actor IS DISTINCT FROM auth.uid()
ORDER BY at DESC
LIMIT %s
