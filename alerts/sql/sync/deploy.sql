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
-- An accepted cause stays closed (trap 9) until its date, until it disappears, or until it gets worse.
-- Runs are serialised, and each statement after the lock sees what the previous run committed.
CREATE OR REPLACE FUNCTION gouvernance.sync_alerts(
    p_limit integer DEFAULT NULL,
    OUT opened integer, OUT refreshed integer, OUT reopened integer, OUT resolved integer
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    run_started_at CONSTANT timestamptz := clock_timestamp();
    run CONSTANT bigint := nextval('gouvernance.sync_runs_id_seq');
BEGIN
    IF p_limit < 0 THEN
        RAISE EXCEPTION 'p_limit doit être positif ou nul, reçu %', p_limit
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('gouvernance.sync_alerts'));
    PERFORM pg_catalog.set_config('gouvernance.sync_run', run::text, true);

    WITH seen AS MATERIALIZED (
        SELECT DISTINCT ON (entity_id, check_code, entity_type)
            check_code, severity, entity_type, entity_id,
            coalesce(v.message, v.check_code) AS message, coalesce(v.payload, '{}') AS payload
        FROM public.v_integrity_checks AS v
        WHERE severity IN ('CRITICAL', 'WARN')
            AND check_code IS NOT NULL AND entity_type IS NOT NULL AND entity_id IS NOT NULL
        ORDER BY entity_id, check_code, entity_type, severity = 'CRITICAL' DESC, message
    ), chosen AS NOT MATERIALIZED (
        SELECT * FROM seen
        WHERE p_limit IS NULL OR (entity_id, check_code, entity_type) IN (
            SELECT entity_id, check_code, entity_type FROM seen
            ORDER BY severity = 'CRITICAL' DESC, check_code, entity_type, entity_id
            LIMIT p_limit
        )
    ), ended_acceptances AS (
        UPDATE gouvernance.alert_acceptances AS acceptance
        SET ended_at = now(),
            ended_why = CASE
                WHEN s.entity_id IS NULL THEN 'gone'
                WHEN acceptance.until <= now() THEN 'expired'
                ELSE 'worse'
            END
        FROM public.system_alerts AS a
        LEFT JOIN seen AS s
            ON (s.check_code, s.entity_type, s.entity_id) = (a.check_code, a.entity_type, a.entity_id)
        WHERE a.id = acceptance.alert_id AND acceptance.ended_at IS NULL
            AND (
                s.entity_id IS NULL
                OR acceptance.until <= now()
                OR (s.severity = 'CRITICAL' AND acceptance.severity <> 'CRITICAL')
                OR (s.payload ->> 'figure')::numeric > acceptance.figure * (1 + acceptance.margin / 100)
            )
        RETURNING acceptance.alert_id
    ), inserted AS (
        INSERT INTO public.system_alerts AS a
            (check_code, severity, entity_type, entity_id, message, payload,
             first_detected_at, last_detected_at)
        SELECT c.check_code, c.severity, c.entity_type, c.entity_id, c.message, c.payload, now(), now()
        FROM chosen AS c
        WHERE NOT EXISTS (
            SELECT FROM public.system_alerts AS a
            WHERE (a.check_code, a.entity_type, a.entity_id)
                = (c.check_code, c.entity_type, c.entity_id)
        )
        ON CONFLICT (check_code, entity_type, entity_id) DO NOTHING
        RETURNING 1
    ), known AS (
        UPDATE public.system_alerts AS a
        SET severity = c.severity, message = c.message, payload = c.payload,
            last_detected_at = now(), updated_at = now()
        FROM chosen AS c
        WHERE (a.check_code, a.entity_type, a.entity_id) = (c.check_code, c.entity_type, c.entity_id)
            AND a.status IN ('OPEN', 'ACK')
        RETURNING 1
    ), back AS (
        UPDATE public.system_alerts AS a
        SET status = 'OPEN', severity = c.severity, message = c.message, payload = c.payload,
            last_detected_at = now(),
            acknowledged_by = NULL, acknowledged_at = NULL, resolved_by = NULL, resolved_at = NULL
        FROM chosen AS c
        WHERE (a.check_code, a.entity_type, a.entity_id) = (c.check_code, c.entity_type, c.entity_id)
            AND a.status = 'RESOLVED'
            AND NOT EXISTS (
                SELECT FROM gouvernance.alert_acceptances AS acceptance
                WHERE acceptance.alert_id = a.id AND acceptance.ended_at IS NULL
                    AND acceptance.alert_id NOT IN (SELECT alert_id FROM ended_acceptances)
            )
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

    INSERT INTO gouvernance.sync_runs
        (id, started_at, finished_at, opened, refreshed, reopened, resolved)
    OVERRIDING SYSTEM VALUE
    VALUES (run, run_started_at, clock_timestamp(), opened, refreshed, reopened, resolved);
    PERFORM pg_catalog.set_config('gouvernance.sync_run', '', true);
END
$$;

REVOKE ALL ON FUNCTION gouvernance.sync_alerts(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.sync_alerts(integer) TO mlpp_gov_app;
