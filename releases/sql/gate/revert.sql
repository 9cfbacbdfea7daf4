DROP FUNCTION IF EXISTS
    gouvernance.green_nights(text), gouvernance.record_contract_check(text[]),
    gouvernance.report_nightly(text, text, timestamptz, boolean, text),
    gouvernance.answer_gate(bigint, text, text, text, text, date),
    gouvernance.answer_refusal(text, text, text, text, text, date, bigint),
    gouvernance.report_change(bigint, text, text), gouvernance.open_gate(bigint, jsonb),
    gouvernance.void_gate(bigint, gouvernance.release_actor, text, text), gouvernance.current_gate(bigint);
DROP TABLE IF EXISTS
    gouvernance.contract_checks, gouvernance.nightly_runs, gouvernance.checklist_answers,
    gouvernance.gate_voids, gouvernance.gates, gouvernance.checklist_items;
