DROP TABLE IF EXISTS
    gouvernance.post_mortem_versions, gouvernance.post_mortems, gouvernance.watch_readings,
    gouvernance.release_incidents, gouvernance.freezes, gouvernance.deployments;
DROP FUNCTION IF EXISTS gouvernance.keep_deployment_history(), gouvernance.keep_freeze_history();
