SELECT pg_temp.expect('droits sur gouvernance.measured_periods', ARRAY['authenticated'],
    pg_temp.executors('gouvernance.measured_periods(text)'));

SELECT pg_temp.expect('index des périodes', ARRAY['alert_periods_ended', 'alert_periods_open'], ARRAY(
    SELECT indexname::text FROM pg_indexes
    WHERE schemaname = 'gouvernance' AND indexname IN ('alert_periods_open', 'alert_periods_ended')
));
