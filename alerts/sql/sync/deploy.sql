-- One row per evaluation that committed; a failed one rolls back whole and leaves none.
CREATE TABLE IF NOT EXISTS gouvernance.sync_runs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    opened      integer NOT NULL CHECK (opened >= 0),
    refreshed   integer NOT NULL CHECK (refreshed >= 0),
    reopened    integer NOT NULL CHECK (reopened >= 0),
    resolved    integer NOT NULL CHECK (resolved >= 0),
    CHECK (started_at <= finished_at)
);
REVOKE ALL ON gouvernance.sync_runs FROM PUBLIC, mlpp_gov_app;
GRANT SELECT ON gouvernance.sync_runs TO mlpp_gov_app;

-- v_integrity_checks → system_alerts, one atomic run (contract, section 3). Returns how many alerts it
-- opened, refreshed, reopened and resolved.
--
-- The view is read once. Of several rows with one key (contract, trap 3) the most severe counts; INFO
-- is legal in the view and not an alert (trap 5). p_limit bounds what is inserted or refreshed, CRITICAL
-- first (trap 4), never what is known to be present: nothing is resolved because it was cut off.
-- Runs are serialised, and each statement after the lock sees what the previous run committed.
CREATE OR REPLACE FUNCTION gouvernance.sync_alerts(
    p_limit integer DEFAULT NULL,
    OUT opened integer, OUT refreshed integer, OUT reopened integer, OUT resolved integer
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    run_started_at CONSTANT timestamptz := clock_timestamp();
BEGIN
    IF p_limit < 0 THEN
        RAISE EXCEPTION 'p_limit doit être positif ou nul, reçu %', p_limit
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('gouvernance.sync_alerts'));

    WITH seen AS MATERIALIZED (
        SELECT DISTINCT ON (v.check_code, v.entity_type, v.entity_id)
            v.check_code, v.severity, v.entity_type, v.entity_id, v.message,
            coalesce(v.payload, '{}') AS payload
        FROM public.v_integrity_checks AS v
        WHERE v.severity IN ('CRITICAL', 'WARN')
            AND v.check_code IS NOT NULL AND v.entity_type IS NOT NULL AND v.entity_id IS NOT NULL
        ORDER BY v.check_code, v.entity_type, v.entity_id, v.severity = 'CRITICAL' DESC, v.message
    ), chosen AS MATERIALIZED (
        SELECT * FROM seen
        ORDER BY severity = 'CRITICAL' DESC, check_code, entity_type, entity_id
        LIMIT p_limit
    ), inserted AS (
        INSERT INTO public.system_alerts AS a
            (check_code, severity, entity_type, entity_id, message, payload,
             first_detected_at, last_detected_at)
        SELECT check_code, severity, entity_type, entity_id, coalesce(message, check_code), payload,
               now(), now()
        FROM chosen
        ON CONFLICT (check_code, entity_type, entity_id) DO NOTHING
        RETURNING 1
    ), known AS (
        UPDATE public.system_alerts AS a
        SET severity = c.severity, message = coalesce(c.message, c.check_code), payload = c.payload,
            last_detected_at = now()
        FROM chosen AS c
        WHERE (a.check_code, a.entity_type, a.entity_id) = (c.check_code, c.entity_type, c.entity_id)
            AND a.status IN ('OPEN', 'ACK')
        RETURNING 1
    ), back AS (
        UPDATE public.system_alerts AS a
        SET status = 'OPEN', severity = c.severity, message = coalesce(c.message, c.check_code),
            payload = c.payload, last_detected_at = now(),
            acknowledged_by = NULL, acknowledged_at = NULL, resolved_by = NULL, resolved_at = NULL
        FROM chosen AS c
        WHERE (a.check_code, a.entity_type, a.entity_id) = (c.check_code, c.entity_type, c.entity_id)
            AND a.status = 'RESOLVED'
        RETURNING 1
    ), gone AS (
        UPDATE public.system_alerts AS a
        SET status = 'RESOLVED', resolved_by = NULL, resolved_at = now()
        WHERE a.status IN ('OPEN', 'ACK')
            AND NOT EXISTS (
                SELECT FROM seen AS s
                WHERE (s.check_code, s.entity_type, s.entity_id)
                    = (a.check_code, a.entity_type, a.entity_id)
            )
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM inserted), (SELECT count(*) FROM known),
           (SELECT count(*) FROM back), (SELECT count(*) FROM gone)
    INTO opened, refreshed, reopened, resolved;

    INSERT INTO gouvernance.sync_runs (started_at, finished_at, opened, refreshed, reopened, resolved)
    VALUES (run_started_at, clock_timestamp(), opened, refreshed, reopened, resolved);
END
$$;

REVOKE ALL ON FUNCTION gouvernance.sync_alerts(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.sync_alerts(integer) TO mlpp_gov_app;
