-- One operation, by its code.
SELECT id, code, title, why, state, actor, at, happened_on
FROM gouvernance.operation_states
WHERE code = %(code)s
