-- The journal of suspicious accesses: what the application saw at its door, event names after the OWASP
-- logging vocabulary. The application writes through record_accesses() and can neither read nor rewrite.
CREATE TABLE IF NOT EXISTS gouvernance.access_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,  -- of the first of `count`
    event      text NOT NULL CHECK (event ~ '^[a-z0-9_]{1,60}$'),
    reason     text NOT NULL CHECK (reason ~ '^[a-z_]{0,40}$'),
    severity   text NOT NULL CHECK (severity IN ('INFO', 'WARN', 'CRITICAL')),
    status     integer CHECK (status BETWEEN 100 AND 599),  -- NULL outside a request
    method     text NOT NULL CHECK (length(method) <= 20),
    route      text NOT NULL CHECK (length(route) <= 100),  -- a route's name, never a path
    user_id    bigint,                                      -- mlpp_gov_user.id
    role       text NOT NULL CHECK (length(role) <= 20),
    address    inet,                                        -- NULL is unknown
    user_agent text NOT NULL CHECK (length(user_agent) <= 200),
    request_id uuid,
    session    text NOT NULL CHECK (session ~ '^[0-9a-f]{0,64}$'),      -- hashed
    typed_name text NOT NULL CHECK (typed_name ~ '^[0-9a-f]{0,64}$'),   -- hashed, of a failed sign-in
    detail     text NOT NULL CHECK (length(detail) <= 200),
    release    text NOT NULL CHECK (length(release) <= 100),
    count      integer NOT NULL CHECK (count > 0),
    -- What a spike counts: the equivalents of 401 and 403.
    refused    boolean NOT NULL GENERATED ALWAYS AS (
        event IN ('authn_login_fail', 'authz_fail', 'session_use_after_expire')
    ) STORED,
    -- A line of this journal is one line wherever it is read.
    CHECK (concat_ws(' ', method, route, role, user_agent, detail, release) !~ '[\u0001-\u001f\u007f-\u009f]')
);
CREATE INDEX IF NOT EXISTS access_events_at ON gouvernance.access_events (at, id);

ALTER TABLE gouvernance.access_events ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON gouvernance.access_events FROM PUBLIC, anon, authenticated, service_role, mlpp_gov_app;
GRANT SELECT ON gouvernance.access_events TO authenticated;

DROP POLICY IF EXISTS gouvernance_read ON gouvernance.access_events;
CREATE POLICY gouvernance_read ON gouvernance.access_events
    FOR SELECT TO authenticated
    USING ((SELECT gouvernance.role_of(auth.uid())) IN ('admin', 'directeur'));

-- Not even the owner rewrites it; what is older than a month the owner may forget.
CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR TRUNCATE ON gouvernance.access_events
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting();

CREATE OR REPLACE FUNCTION gouvernance.keep_recent_accesses() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF EXISTS (SELECT FROM forgotten WHERE at > now() - interval '28 days') THEN
        RAISE EXCEPTION 'Le dernier mois du journal des accès ne s’efface pas.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER keep_recent
    AFTER DELETE ON gouvernance.access_events
    REFERENCING OLD TABLE AS forgotten
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.keep_recent_accesses();

-- Write events, an array of objects named after the columns. Their time is the application's, since they
-- may have waited for the database, but never in the future, nor so old that they would be forgotten.
CREATE OR REPLACE FUNCTION gouvernance.record_accesses(p_events jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
    INSERT INTO gouvernance.access_events
        (at, event, reason, severity, status, method, route, user_id, role, address, user_agent,
         request_id, session, typed_name, detail, release, count)
    SELECT greatest(least(at, clock_timestamp()), now() - interval '7 days'),
           event, reason, severity, status, method, route, user_id, role, address, user_agent,
           request_id, session, typed_name, detail, release, count
    FROM jsonb_to_recordset(p_events) AS e (
        at timestamptz, event text, reason text, severity text, status integer, method text, route text,
        user_id bigint, role text, address inet, user_agent text, request_id uuid, session text,
        typed_name text, detail text, release text, count integer
    )
    ORDER BY at;
END;

-- What a page of the journal shows; NULL leaves a filter out. An account is one of p_users, or what
-- somebody typed (hashed). Read with the rights of who asks. Inlined: neither STRICT nor SET.
CREATE OR REPLACE FUNCTION gouvernance.found_accesses(
    p_from timestamptz, p_to timestamptz, p_event text, p_reason text, p_severity text,
    p_status integer, p_route text, p_users bigint[], p_typed text, p_address inet
) RETURNS SETOF gouvernance.access_events
LANGUAGE sql STABLE
AS $$
    SELECT * FROM gouvernance.access_events
    WHERE at >= p_from AND at < p_to
        AND (p_event IS NULL OR event = p_event)
        AND (p_reason IS NULL OR reason = p_reason)
        AND (p_severity IS NULL OR severity = p_severity)
        AND (p_status IS NULL OR status = p_status)
        AND (p_route IS NULL OR route = p_route)
        AND (p_typed IS NULL OR user_id = ANY (p_users) OR typed_name = p_typed)
        AND (p_address IS NULL OR address <<= p_address)
$$;

-- Quarters of an hour with a spike of refusals (401 and 403), counted back from p_to, whole ones from
-- p_from on: at least 20, and at least three times the usual, which is the median of the quarters of the
-- seven days before (docs/journal-acces.md). Read with the rights of who asks.
CREATE OR REPLACE FUNCTION gouvernance.access_spikes(p_from timestamptz, p_to timestamptz) RETURNS TABLE (
    started_at timestamptz, refused bigint, usual bigint, threshold bigint
)
LANGUAGE sql STABLE
AS $$
    WITH quarters AS MATERIALIZED (
        SELECT date_bin('15 minutes', e.at, p_to) AS started_at, sum(e.count)::bigint AS refused
        FROM gouvernance.access_events AS e
        WHERE e.refused AND e.at >= p_from - interval '168 hours' AND e.at < p_to
        GROUP BY 1
    )
    SELECT q.started_at, q.refused, u.usual, greatest(20, 3 * u.usual)
    FROM quarters AS q
    CROSS JOIN LATERAL (
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(before.refused, 0)) AS usual
        FROM generate_series(
            q.started_at - interval '168 hours', q.started_at - interval '15 minutes', '15 minutes'
        ) AS s (at)
        LEFT JOIN quarters AS before ON before.started_at = s.at
    ) AS u
    WHERE q.started_at >= p_from AND q.refused >= 20 AND q.refused >= 3 * u.usual
$$;

-- The spike of this moment, as the alert tells it: figures only, since the PCA reads alerts and not the
-- journal. No row when there is none, or for somebody without a role of governance.
CREATE OR REPLACE FUNCTION gouvernance.suspect_accesses() RETURNS TABLE (message text, payload jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT
        format(
            U&'%s accès refusés en 15\00A0minutes, contre %s d’habitude, depuis %s',
            replace(to_char(spike.refused, 'FM999,999,999,990'), ',', U&'\00A0'),
            replace(to_char(spike.usual, 'FM999,999,999,990'), ',', U&'\00A0'),
            CASE origins.addresses WHEN 1 THEN 'une adresse' ELSE origins.addresses || ' adresses' END
        ),
        jsonb_build_object(
            'figure', spike.refused, 'usual', spike.usual, 'threshold', spike.threshold,
            'addresses', origins.addresses, 'accounts', origins.accounts,
            'occurred_at', origins.first_at
        )
    FROM (SELECT clock_timestamp() AS at OFFSET 0) AS until
    CROSS JOIN LATERAL gouvernance.access_spikes(until.at - interval '15 minutes', until.at) AS spike
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT coalesce(host(e.address), '')) AS addresses,
               count(DISTINCT coalesce(e.user_id::text, nullif(e.typed_name, ''))) AS accounts,
               min(e.at) AS first_at
        FROM gouvernance.access_events AS e
        WHERE e.refused AND e.at >= spike.started_at
    ) AS origins
    WHERE auth.uid() IS NULL OR gouvernance.role_of(auth.uid()) IS NOT NULL
$$;

-- The same as the checks' views show theirs: what a person's resolution is judged by.
CREATE OR REPLACE VIEW gouvernance.check_acces_suspects WITH (security_invoker = true) AS
SELECT
    'ACCES_SUSPECTS'::text AS check_code,
    'WARN'::text AS severity,
    'ACCES'::text AS entity_type,
    'acce55e5-0000-4000-8000-000000000000'::uuid AS entity_id,  -- the cockpit itself
    message,
    payload,
    now() AS detected_at
FROM gouvernance.suspect_accesses();

REVOKE ALL ON gouvernance.check_acces_suspects FROM PUBLIC, anon, mlpp_gov_app;
GRANT SELECT ON gouvernance.check_acces_suspects TO authenticated, service_role;

REVOKE ALL ON FUNCTION
    gouvernance.keep_recent_accesses(), gouvernance.record_accesses(jsonb),
    gouvernance.found_accesses(
        timestamptz, timestamptz, text, text, text, integer, text, bigint[], text, inet
    ),
    gouvernance.access_spikes(timestamptz, timestamptz), gouvernance.suspect_accesses()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.record_accesses(jsonb) TO mlpp_gov_app;
GRANT EXECUTE ON FUNCTION
    gouvernance.found_accesses(
        timestamptz, timestamptz, text, text, text, integer, text, bigint[], text, inet
    ),
    gouvernance.access_spikes(timestamptz, timestamptz), gouvernance.suspect_accesses()
    TO authenticated, service_role;
