-- v_integrity_checks → system_alerts (contract, section 3), check by check in one transaction: a check
-- that fails or takes too long is recorded and leaves the others, and its own alerts, as they are.

-- One row per evaluation that committed; one that was cut off rolls back whole and leaves none.
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
-- What started it; NULL in the runs of before this was kept.
ALTER TABLE gouvernance.sync_runs
    ADD COLUMN IF NOT EXISTS path text CHECK (path IN ('worker', 'command', 'sql'));

-- Runs that failed as a whole, written after their rollback by who started them. Under pg_cron nobody
-- can: its own cron.job_run_details has them. Kept for 35 days.
CREATE TABLE IF NOT EXISTS gouvernance.sync_failures (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL,
    failed_at  timestamptz NOT NULL,
    path       text NOT NULL CHECK (path IN ('worker', 'command')),
    failure    text NOT NULL,  -- PostgreSQL's message
    CHECK (started_at <= failed_at)
);

-- What each check gave in a run. Kept for 35 days.
CREATE TABLE IF NOT EXISTS gouvernance.check_runs (
    run         bigint NOT NULL REFERENCES gouvernance.sync_runs DEFERRABLE INITIALLY DEFERRED,
    check_code  text NOT NULL,  -- v_integrity_checks for what ML_PP's own view says beside our checks
    at          timestamptz NOT NULL,
    duration_ms real NOT NULL,
    anomalies   integer,  -- entities; NULL when it failed
    opened      integer NOT NULL DEFAULT 0,
    refreshed   integer NOT NULL DEFAULT 0,
    reopened    integer NOT NULL DEFAULT 0,
    resolved    integer NOT NULL DEFAULT 0,
    failure     text,  -- PostgreSQL's message
    PRIMARY KEY (check_code, run),
    CHECK ((anomalies IS NULL) = (failure IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS check_runs_run ON gouvernance.check_runs (run);

REVOKE ALL ON gouvernance.sync_runs, gouvernance.sync_failures, gouvernance.check_runs
    FROM PUBLIC, mlpp_gov_app;
GRANT SELECT ON gouvernance.sync_runs, gouvernance.sync_failures, gouvernance.check_runs
    TO mlpp_gov_app;

-- Start a run; to be followed, in the same transaction, by an evaluate_check() for each check returned
-- and by finish_evaluation(). Runs are serialised: each statement after this one sees what the run
-- before committed.
CREATE OR REPLACE FUNCTION gouvernance.begin_evaluation(
    OUT check_code text, OUT time_limit_ms integer
) RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('gouvernance.sync_alerts'));
    PERFORM pg_catalog.set_config(
        'gouvernance.sync_run', nextval('gouvernance.sync_runs_id_seq')::text, true
    );
    RETURN QUERY
        SELECT code, c.time_limit_ms
        FROM gouvernance.separate_checks() AS code JOIN gouvernance.checks AS c USING (code)
        UNION ALL
        SELECT 'v_integrity_checks', 30000
        WHERE NOT gouvernance.view_is_ours() OR EXISTS (  -- of a check that was taken out
            WITH RECURSIVE known AS (  -- from one code to the next in the unique key's index
                SELECT min(a.check_code) AS code FROM public.system_alerts AS a
                UNION ALL
                SELECT (
                    SELECT min(a.check_code) FROM public.system_alerts AS a
                    WHERE a.check_code > known.code
                )
                FROM known
                WHERE known.code IS NOT NULL
            )
            SELECT
            FROM known
            JOIN public.system_alerts AS a ON a.check_code = known.code
            WHERE known.code NOT IN (SELECT code FROM gouvernance.checks)
                AND known.code NOT IN (SELECT gouvernance.other_sources())
                AND a.status IN ('OPEN', 'ACK')
        )
        ORDER BY 1;
END
$$;

-- Evaluate one check and record what came of it; a failure is an outcome, not an error. p_limit bounds
-- how many alerts it may open, reopen or rewrite (contract, trap 4): CRITICAL ones are never cut off,
-- and nothing is resolved because it was.
--
-- Of several rows with one key in ML_PP's view the most severe counts (trap 3); ours have one each.
-- INFO is legal in the view and not an alert (trap 5). An accepted cause stays closed (trap 9) until its
-- date, until it disappears, or until it gets worse. Most checks find nothing and have nothing to end:
-- they are done with there. What is as it was is told apart first, and only dated anew.
CREATE OR REPLACE FUNCTION gouvernance.evaluate_check(
    p_check text, p_limit integer DEFAULT NULL,
    OUT opened integer, OUT refreshed integer, OUT reopened integer, OUT resolved integer,
    OUT taken integer
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET work_mem = '32MB' SET jit = off AS $$
DECLARE
    run        CONSTANT bigint := gouvernance.acting_run();
    started_at CONSTANT timestamptz := clock_timestamp();
    source     text;
    condition  text;
    same_check text := 'true';  -- said only where there are several: the join is then a tenth slower
    busy       boolean;
    touched    uuid[];  -- alerts that are dated already, or not to be
    unchanged  integer;
    anomalies  integer := 0;
    failure    text;
BEGIN
    opened := 0; refreshed := 0; reopened := 0; resolved := 0; taken := 0;
    <<evaluation>>
    BEGIN
        SELECT install_error INTO failure FROM gouvernance.checks WHERE code = p_check;
        IF failure IS NOT NULL THEN
            RAISE EXCEPTION '%', failure;
        END IF;
        IF p_check = 'v_integrity_checks' THEN
            source := '(
                SELECT DISTINCT ON (entity_id, check_code, entity_type) *
                FROM public.v_integrity_checks
                ORDER BY entity_id, check_code, entity_type, severity = ''CRITICAL'' DESC, message
            )';
            condition := format(
                'check_code <> ALL (%L)', ARRAY(SELECT gouvernance.separate_checks())
            );
            same_check := 'a.check_code = s.check_code';
        ELSE
            source := format('gouvernance.%I', 'check_' || lower(p_check));
            condition := format('check_code = %L', p_check);
        END IF;
        -- Counted, for EXISTS would be planned for a first row that most often never comes.
        EXECUTE format($sql$
            SELECT EXISTS (
                SELECT FROM public.system_alerts
                WHERE %2$s AND (
                    status IN ('OPEN', 'ACK')
                    OR id IN (SELECT alert_id FROM gouvernance.alert_acceptances WHERE ended_at IS NULL)
                )
            ) OR (SELECT count(*) FROM %1$s AS v WHERE severity IN ('CRITICAL', 'WARN') AND %2$s) > 0
        $sql$, source, condition) INTO busy;
        EXIT evaluation WHEN NOT busy;
        EXECUTE replace(replace(replace($sql$
            WITH seen AS (
                SELECT check_code, severity, entity_type, entity_id,
                       coalesce(v.message, v.check_code) AS message, coalesce(v.payload, '{}') AS payload
                FROM {source} AS v
                WHERE severity IN ('CRITICAL', 'WARN') AND {condition}
                    AND check_code IS NOT NULL AND entity_type IS NOT NULL AND entity_id IS NOT NULL
            ), compared AS MATERIALIZED (
                SELECT a.id, a.status, s.*
                FROM seen AS s
                FULL JOIN (SELECT * FROM public.system_alerts WHERE {condition}) AS a
                    ON a.entity_id = s.entity_id AND a.entity_type = s.entity_type AND {same_check}
                WHERE a.id IS NULL OR s.entity_id IS NULL OR a.status = 'RESOLVED'
                    OR (a.severity, a.message) IS DISTINCT FROM (s.severity, s.message)
                    -- Byte by byte: an equal payload stored otherwise is rewritten, and no event.
                    OR ROW(a.payload)::record *<> ROW(s.payload)::record
            ), ended_acceptances AS (
                UPDATE gouvernance.alert_acceptances AS acceptance
                SET ended_at = now(),
                    ended_why = CASE
                        WHEN c.entity_id IS NULL THEN 'gone'
                        WHEN acceptance.until <= now() THEN 'expired'
                        ELSE 'worse'
                    END
                FROM compared AS c
                WHERE c.id = acceptance.alert_id AND acceptance.ended_at IS NULL
                    AND (
                        c.entity_id IS NULL
                        OR acceptance.until <= now()
                        OR (c.severity = 'CRITICAL' AND acceptance.severity <> 'CRITICAL')
                        OR (c.payload ->> 'figure')::numeric
                            > acceptance.figure * (1 + acceptance.margin / 100)
                    )
                RETURNING acceptance.alert_id
            ), due AS (
                SELECT * FROM compared
                WHERE entity_id IS NOT NULL
                    AND (
                        status IS DISTINCT FROM 'RESOLVED'
                        OR NOT EXISTS (
                            SELECT FROM gouvernance.alert_acceptances AS acceptance
                            WHERE acceptance.alert_id = compared.id AND acceptance.ended_at IS NULL
                                AND acceptance.alert_id NOT IN (SELECT alert_id FROM ended_acceptances)
                        )
                    )
            ), chosen AS (
                SELECT * FROM due
                WHERE $1 IS NULL OR severity = 'CRITICAL'
                    OR (entity_id, check_code, entity_type) IN (
                        SELECT entity_id, check_code, entity_type FROM due
                        WHERE severity <> 'CRITICAL'
                        ORDER BY check_code, entity_type, entity_id
                        LIMIT greatest($1 - (SELECT count(*) FROM due WHERE severity = 'CRITICAL'), 0)
                    )
            ), inserted AS (
                INSERT INTO public.system_alerts
                    (check_code, severity, entity_type, entity_id, message, payload,
                     first_detected_at, last_detected_at)
                SELECT check_code, severity, entity_type, entity_id, message, payload, now(), now()
                FROM chosen
                WHERE id IS NULL
                ON CONFLICT (check_code, entity_type, entity_id) DO NOTHING
                RETURNING id
            ), rewritten AS (
                UPDATE public.system_alerts AS a
                SET severity = c.severity, message = c.message, payload = c.payload,
                    last_detected_at = now(), updated_at = now()
                FROM chosen AS c
                WHERE a.id = c.id AND a.status IN ('OPEN', 'ACK')
                RETURNING 1
            ), back AS (
                UPDATE public.system_alerts AS a
                SET status = 'OPEN', severity = c.severity, message = c.message, payload = c.payload,
                    last_detected_at = now(),
                    acknowledged_by = NULL, acknowledged_at = NULL, resolved_by = NULL, resolved_at = NULL
                FROM chosen AS c
                WHERE a.id = c.id AND a.status = 'RESOLVED'
                RETURNING 1
            ), gone AS (
                UPDATE public.system_alerts AS a
                SET status = 'RESOLVED', resolved_by = NULL, resolved_at = now()
                FROM compared AS c
                WHERE a.id = c.id AND c.entity_id IS NULL AND a.status IN ('OPEN', 'ACK')
                RETURNING 1
            ), counted AS MATERIALIZED (
                SELECT (SELECT count(*) FROM inserted) AS opened,
                       (SELECT count(*) FROM rewritten) AS rewritten,
                       (SELECT count(*) FROM back) AS reopened,
                       (SELECT count(*) FROM gone) AS resolved
            )
            SELECT opened, rewritten, reopened, resolved, opened + rewritten + reopened,
                   (SELECT count(*) FROM compared WHERE entity_id IS NOT NULL),
                   ARRAY(SELECT id FROM inserted UNION ALL SELECT id FROM compared WHERE id IS NOT NULL)
            FROM counted
        $sql$, '{source}', source), '{condition}', condition), '{same_check}', same_check)
        INTO opened, refreshed, reopened, resolved, taken, anomalies, touched
        USING p_limit;
        EXECUTE format($sql$
            UPDATE public.system_alerts
            SET last_detected_at = now(), updated_at = now()
            WHERE %s AND status IN ('OPEN', 'ACK') AND id <> ALL ($1)
        $sql$, condition) USING touched;
        GET DIAGNOSTICS unchanged = ROW_COUNT;
        refreshed := refreshed + unchanged;
        anomalies := anomalies + unchanged;
    -- query_canceled: the statement's time limit
    EXCEPTION WHEN OTHERS OR query_canceled THEN
        opened := 0; refreshed := 0; reopened := 0; resolved := 0; taken := 0;
        anomalies := NULL;
        failure := left(SQLERRM, 500);
    END;
    INSERT INTO gouvernance.check_runs
    VALUES (run, p_check, started_at,
            extract(epoch FROM clock_timestamp() - started_at) * 1000,
            anomalies, opened, refreshed, reopened, resolved, failure);
END
$$;

-- End the run that begin_evaluation() started, and record it as a whole.
CREATE OR REPLACE FUNCTION gouvernance.finish_evaluation(
    OUT opened integer, OUT refreshed integer, OUT reopened integer, OUT resolved integer,
    OUT failing text[]
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    this_run CONSTANT bigint := gouvernance.acting_run();
BEGIN
    INSERT INTO gouvernance.sync_runs
        (id, started_at, finished_at, opened, refreshed, reopened, resolved, path)
    OVERRIDING SYSTEM VALUE
    SELECT this_run, now(), clock_timestamp(),
           coalesce(sum(c.opened), 0), coalesce(sum(c.refreshed), 0), coalesce(sum(c.reopened), 0),
           coalesce(sum(c.resolved), 0),
           coalesce(nullif(current_setting('gouvernance.sync_path', true), ''), 'sql')
    FROM gouvernance.check_runs AS c
    WHERE c.run = this_run
    RETURNING sync_runs.opened, sync_runs.refreshed, sync_runs.reopened, sync_runs.resolved
    INTO opened, refreshed, reopened, resolved;

    failing := ARRAY(
        SELECT check_code FROM gouvernance.check_runs
        WHERE run = this_run AND failure IS NOT NULL
        ORDER BY 1
    );
    DELETE FROM gouvernance.check_runs
    WHERE run <= (
        SELECT max(id) FROM gouvernance.sync_runs WHERE finished_at < now() - interval '35 days'
    );
    PERFORM pg_catalog.set_config('gouvernance.sync_run', '', true);
    PERFORM pg_catalog.set_config('gouvernance.sync_path', '', true);
END
$$;

-- Record a run that failed as a whole, after its rollback.
CREATE OR REPLACE FUNCTION gouvernance.record_failed_evaluation(
    p_path text, p_seconds double precision, p_failure text
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
    DELETE FROM gouvernance.sync_failures WHERE failed_at < now() - interval '35 days';
    INSERT INTO gouvernance.sync_failures (started_at, failed_at, path, failure)
    VALUES (now() - make_interval(secs => greatest(p_seconds, 0)), now(), p_path, left(p_failure, 500));
END;

-- A whole run in one statement, for pg_cron. A time limit of each check's own needs a statement of its
-- own: there, only `statement_timeout` stops a check that never ends, and only the first one.
CREATE OR REPLACE FUNCTION gouvernance.sync_alerts(
    p_limit integer DEFAULT NULL,
    OUT opened integer, OUT refreshed integer, OUT reopened integer, OUT resolved integer,
    OUT failing text[]
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    remaining integer := p_limit;
    evaluated text;
BEGIN
    IF p_limit < 0 THEN
        RAISE EXCEPTION 'p_limit doit être positif ou nul, reçu %', p_limit
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR evaluated IN SELECT check_code FROM gouvernance.begin_evaluation() LOOP
        SELECT CASE WHEN remaining IS NOT NULL THEN greatest(remaining - taken, 0) END INTO remaining
        FROM gouvernance.evaluate_check(evaluated, remaining);
    END LOOP;
    SELECT * INTO opened, refreshed, reopened, resolved, failing FROM gouvernance.finish_evaluation();
END
$$;

REVOKE ALL ON FUNCTION
    gouvernance.begin_evaluation(), gouvernance.evaluate_check(text, integer),
    gouvernance.finish_evaluation(), gouvernance.sync_alerts(integer),
    gouvernance.record_failed_evaluation(text, double precision, text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.begin_evaluation(), gouvernance.evaluate_check(text, integer),
    gouvernance.finish_evaluation(), gouvernance.sync_alerts(integer),
    gouvernance.record_failed_evaluation(text, double precision, text)
    TO mlpp_gov_app;
