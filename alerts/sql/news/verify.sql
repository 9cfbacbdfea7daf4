SELECT pg_temp.expect('droits sur gouvernance.news_since', ARRAY['authenticated'],
    pg_temp.executors('gouvernance.news_since(timestamptz, integer)'));

SELECT pg_temp.expect('index des nouvelles', ARRAY['alert_events_news'], ARRAY(
    SELECT indexname::text FROM pg_indexes
    WHERE schemaname = 'gouvernance' AND indexname = 'alert_events_news'
));
