SELECT pg_temp.expect('droits sur gouvernance.evaluate_accesses', ARRAY['mlpp_gov_app'],
    pg_temp.executors('gouvernance.evaluate_accesses()'));
