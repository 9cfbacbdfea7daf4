DROP FUNCTION IF EXISTS
    gouvernance.abandon_operation(text, text), gouvernance.finish_operation(text),
    gouvernance.set_freeze(text, text, boolean, text), gouvernance.note_operation(text, text),
    gouvernance.withdraw_stop(text, integer, text), gouvernance.pass_stop(text, integer, text),
    gouvernance.reopen_step(text, integer, text), gouvernance.declare_step(text, integer, text),
    gouvernance.step_of(bigint, integer, text), gouvernance.start_operation(text),
    gouvernance.open_operation(text, text, text, text[], jsonb), gouvernance.operation_outlook(text),
    gouvernance.stop_obstacles(bigint, integer, text), gouvernance.operation_condition(bigint, text),
    gouvernance.gate_approvals(text), gouvernance.name_of(uuid),
    gouvernance.log_operation(bigint, text, text, text, text, bigint, text),
    gouvernance.require_text(text, text, integer),
    gouvernance.refuse_late(text, uuid, timestamptz, date),
    gouvernance.hold_operation(text, text[]), gouvernance.active_restrictions();
DROP VIEW IF EXISTS
    gouvernance.restrictions, gouvernance.operation_freezes, gouvernance.operation_step_states,
    gouvernance.operation_states;
DROP TABLE IF EXISTS
    gouvernance.operation_log, gouvernance.operation_steps, gouvernance.operations;
