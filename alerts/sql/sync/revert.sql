DROP FUNCTION IF EXISTS gouvernance.sync_alerts(integer);
DROP TABLE IF EXISTS gouvernance.sync_runs;
