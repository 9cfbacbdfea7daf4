DROP FUNCTION IF EXISTS
    gouvernance.clear_service_level(text, text),
    gouvernance.set_service_level(text, text, integer),
    gouvernance.due_at(text, text, timestamptz, text),
    gouvernance.deadline(integer, timestamptz, text);
DROP TABLE IF EXISTS gouvernance.service_level_changes, gouvernance.service_levels;
