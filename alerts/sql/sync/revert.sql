DROP FUNCTION IF EXISTS
    gouvernance.record_failed_evaluation(text, double precision, text),
    gouvernance.sync_alerts(integer),
    gouvernance.finish_evaluation(),
    gouvernance.evaluate_check(text, integer),
    gouvernance.begin_evaluation();
DROP TABLE IF EXISTS gouvernance.check_runs;
DROP TABLE IF EXISTS gouvernance.sync_failures;
DROP TABLE IF EXISTS gouvernance.sync_runs;
