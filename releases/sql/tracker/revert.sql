DROP FUNCTION IF EXISTS gouvernance.update_phase2_action(
    integer, bigint, text, text, text, text, date, date, text, text
);
DROP TABLE IF EXISTS gouvernance.phase2_changes, gouvernance.phase2_actions;
