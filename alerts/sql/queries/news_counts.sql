-- How many alerts each kind of news is about.
SELECT jsonb_build_object(
    'events', count(*),
    'opened', count(DISTINCT alert_id) FILTER (WHERE kind = 'opened'),
    'critical', count(DISTINCT alert_id) FILTER (WHERE kind = 'opened' AND severity = 'CRITICAL'),
    'reopened', count(DISTINCT alert_id) FILTER (WHERE kind = 'reopened'),
    'worsened', count(DISTINCT alert_id) FILTER (WHERE kind = 'worsened'),
    'acknowledged', count(DISTINCT alert_id) FILTER (WHERE kind = 'acknowledged'),
    'resolved', count(DISTINCT alert_id) FILTER (WHERE kind = 'resolved'),
    'accepted', count(DISTINCT alert_id) FILTER (WHERE kind = 'accepted')
)
FROM {events} AS news
