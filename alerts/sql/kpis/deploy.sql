-- The periods of alerts with what is measured of them. Each figure of the cockpit, and the list of the
-- periods behind it, is read here; docs/indicateurs.md defines them.
--
-- Seconds; NULL is unknown: a cause whose date is not known or was moved past its own detection, a clock
-- that jumped back. `kept` is whether the period ended before it was due; NULL while that is undecided.
-- Read with the rights of who asks. Inlined: neither STRICT nor SET.
CREATE OR REPLACE FUNCTION gouvernance.measured_periods(p_timezone text) RETURNS TABLE (
    alert_id uuid, number integer, check_code text, severity text,
    occurred_at timestamptz, started_at timestamptz, acknowledged_at timestamptz, ended_at timestamptz,
    outcome text, due_at timestamptz, kept boolean,
    detection double precision, acknowledgement double precision, resolution double precision
)
LANGUAGE sql STABLE
AS $$  -- as text: a parsed body would make ML_PP's table depend on it
    SELECT
        p.alert_id, p.number, a.check_code, p.severity,
        p.occurred_at, p.started_at, p.acknowledged_at, p.ended_at,
        p.outcome, due.at,
        CASE WHEN p.ended_at < due.at THEN true WHEN due.at <= now() THEN false END,
        CASE
            WHEN p.occurred_at <= p.started_at
            THEN extract(epoch FROM p.started_at - p.occurred_at)::double precision
        END,
        CASE
            WHEN p.started_at <= p.acknowledged_at
            THEN extract(epoch FROM p.acknowledged_at - p.started_at)::double precision
        END,
        extract(epoch FROM p.ended_at - p.started_at)::double precision
    FROM gouvernance.alert_periods AS p
    JOIN public.system_alerts AS a ON a.id = p.alert_id
    LEFT JOIN gouvernance.service_levels AS own
        ON own.check_code = a.check_code AND own.severity = p.severity
    LEFT JOIN gouvernance.service_levels AS general
        ON general.check_code = '*' AND general.severity = p.severity
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN general.check_code IS NOT NULL OR own.check_code IS NOT NULL
            THEN gouvernance.deadline(
                CASE WHEN own.check_code IS NULL THEN general.hours ELSE own.hours END,
                p.started_at, p_timezone
            )
        END AS at
        OFFSET 0
    ) AS due
$$;

-- What counts for each indicator from one moment to another: a period, when it counts, and the seconds
-- that it took where the indicator is a time. Inlined like the one above.
CREATE OR REPLACE FUNCTION gouvernance.measures(
    p_from timestamptz, p_to timestamptz, p_timezone text
) RETURNS TABLE (
    alert_id uuid, number integer, check_code text, severity text,
    metric text, at timestamptz, seconds double precision
)
LANGUAGE sql STABLE
AS $$
    SELECT p.alert_id, p.number, p.check_code, p.severity, m.metric, m.at, m.seconds
    FROM (
        SELECT * FROM gouvernance.measured_periods(p_timezone)
        WHERE started_at < p_to AND (ended_at IS NULL OR ended_at >= p_from)
        OFFSET 0  -- each period is measured once, not once for each indicator
    ) AS p
    CROSS JOIN LATERAL (VALUES
        ('opened', p.started_at, NULL::double precision),
        ('reopened', CASE WHEN p.number > 1 THEN p.started_at END, NULL),
        ('kept', CASE WHEN p.kept THEN p.started_at END, NULL),
        ('missed', CASE WHEN NOT p.kept THEN p.started_at END, NULL),
        ('detection', p.started_at, p.detection),
        ('acknowledgement', p.acknowledged_at, p.acknowledgement),
        ('resolved', p.ended_at, p.resolution),
        ('human', CASE WHEN p.outcome IN ('fixed', 'claimed') THEN p.ended_at END, p.resolution),
        ('automatic', CASE WHEN p.outcome = 'gone' THEN p.ended_at END, p.resolution),
        ('accepted', CASE WHEN p.outcome = 'accepted' THEN p.ended_at END, p.resolution),
        (
            'remaining',
            CASE
                WHEN p.ended_at >= p_to OR p.ended_at IS NULL
                THEN greatest(p.started_at, p_to - interval '1 microsecond')
            END,
            NULL
        )
    ) AS m (metric, at, seconds)
    WHERE m.at >= p_from AND m.at < p_to
$$;

REVOKE ALL ON FUNCTION
    gouvernance.measured_periods(text), gouvernance.measures(timestamptz, timestamptz, text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.measured_periods(text), gouvernance.measures(timestamptz, timestamptz, text)
    TO authenticated;

-- What is still open, and what ended lately, among the periods of years.
CREATE INDEX IF NOT EXISTS alert_periods_open
    ON gouvernance.alert_periods (started_at) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS alert_periods_ended ON gouvernance.alert_periods (ended_at);
