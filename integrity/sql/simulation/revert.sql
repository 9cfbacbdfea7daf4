DROP FUNCTION IF EXISTS
    gouvernance.approve_simulation(text, date, date, uuid, uuid, text, boolean, text),
    gouvernance.simulation_checksum(date, date, uuid, uuid, text, boolean, text[]),
    gouvernance.simulation_lines(date, date, uuid, uuid, text, boolean);
DROP TABLE IF EXISTS gouvernance.simulation_approvals;
