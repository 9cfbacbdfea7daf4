DROP INDEX IF EXISTS gouvernance.alert_periods_open, gouvernance.alert_periods_ended;
DROP FUNCTION IF EXISTS gouvernance.measures(timestamptz, timestamptz, text);
DROP FUNCTION IF EXISTS gouvernance.measured_periods(text);
