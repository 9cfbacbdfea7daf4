DROP VIEW IF EXISTS gouvernance.check_acces_suspects;
DROP FUNCTION IF EXISTS
    gouvernance.suspect_accesses(),
    gouvernance.access_spikes(timestamptz, timestamptz),
    gouvernance.found_accesses(
        timestamptz, timestamptz, text, text, text, integer, text, bigint[], text, inet
    ),
    gouvernance.record_accesses(jsonb);
DROP TABLE IF EXISTS gouvernance.access_events;
DROP FUNCTION IF EXISTS gouvernance.keep_recent_accesses();
