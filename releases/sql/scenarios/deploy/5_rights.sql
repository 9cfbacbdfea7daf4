DO $$
DECLARE
    inner_step text;
    reading text;
    act text;
    decision text;
BEGIN
    FOREACH inner_step IN ARRAY ARRAY[
        'computed_item(text, bigint, text)', 'soak(bigint)', 'hold_deployment(bigint)',
        'deploy_scope(bigint)',
        'deployment_conflict(text, gouvernance.release_actor, gouvernance.deployments)',
        'end_badly(bigint, gouvernance.release_actor, text)', 'gate_is_lost(gouvernance.deployments)'
    ] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION gouvernance.%s FROM PUBLIC', inner_step);
    END LOOP;
    FOREACH reading IN ARRAY ARRAY[
        'running(text)', 'post_mortems_owed()', 'gate_checklist(bigint, text)',
        'deployment_checklist(bigint, text)', 'gate_unmet(bigint, text)', 'deployment_unmet(bigint)',
        'success_unmet(bigint)', 'to_take_back(text)', 'rollback_target(text)'
    ] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION gouvernance.%s FROM PUBLIC', reading);
        EXECUTE format('GRANT EXECUTE ON FUNCTION gouvernance.%s TO mlpp_gov_app', reading);
    END LOOP;
    FOREACH act IN ARRAY ARRAY[
        'open_deployment(bigint, text, text, text, timestamptz, timestamptz)',
        'plan_deployment(bigint, text, text, timestamptz, timestamptz)',
        'start_deployment(bigint, text, text)', 'report_attempt(bigint, text, boolean, text)',
        'answer_deployment(bigint, text, text, text)', 'report_watch(bigint, numeric, numeric, text)',
        'declare_incident(text, text, text)', 'succeed_deployment(bigint)', 'fail_deployment(bigint, text)',
        'correct_deployment(bigint, text)', 'begin_rollback(text, text)'
    ] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION gouvernance.%s FROM PUBLIC', act);
        EXECUTE format('GRANT EXECUTE ON FUNCTION gouvernance.%s TO authenticated, mlpp_gov_app', act);
    END LOOP;
    -- No token decides these, so the login that acts for tokens need not even try.
    FOREACH decision IN ARRAY ARRAY[
        'authorise_deployment(bigint)', 'begin_freeze(bigint, text)', 'end_freeze(text, text)',
        'write_post_mortem(bigint, jsonb, bigint)'
    ] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION gouvernance.%s FROM PUBLIC, mlpp_gov_app', decision);
        EXECUTE format('GRANT EXECUTE ON FUNCTION gouvernance.%s TO authenticated', decision);
    END LOOP;
END
$$;
