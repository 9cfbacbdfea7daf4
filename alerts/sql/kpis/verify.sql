SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), ARRAY['authenticated'],
    pg_temp.executors('gouvernance.' || signature))
FROM unnest(ARRAY[
    'measured_periods(text)', 'measures(timestamptz, timestamptz, text)'
]) AS signature;

SELECT pg_temp.expect('index des périodes', ARRAY['alert_periods_ended', 'alert_periods_open'], ARRAY(
    SELECT indexname::text FROM pg_indexes
    WHERE schemaname = 'gouvernance' AND indexname IN ('alert_periods_open', 'alert_periods_ended')
));
