-- How long a period may last before it is late (contract, section 4): CRITICAL until the end of the
-- depot's local day, WARN 48 hours. An administrator sets others, for every check or for one.
CREATE TABLE IF NOT EXISTS gouvernance.service_levels (
    check_code text NOT NULL,  -- * is every check that has no level of its own
    severity   text NOT NULL CHECK (severity IN ('CRITICAL', 'WARN')),
    hours      integer CHECK (hours BETWEEN 1 AND 8760),  -- NULL: the local day on which it started
    PRIMARY KEY (check_code, severity)
);
INSERT INTO gouvernance.service_levels VALUES ('*', 'CRITICAL', NULL), ('*', 'WARN', 48)
ON CONFLICT DO NOTHING;

-- Every change by a person: {"hours": …} before and after; NULL where there was, or is, none.
CREATE TABLE IF NOT EXISTS gouvernance.service_level_changes (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    actor      uuid NOT NULL,  -- auth.users.id
    check_code text NOT NULL,
    severity   text NOT NULL,
    before     jsonb,
    after      jsonb
);

REVOKE ALL ON gouvernance.service_levels, gouvernance.service_level_changes
    FROM PUBLIC, mlpp_gov_app, authenticated, service_role;
GRANT SELECT ON gouvernance.service_levels, gouvernance.service_level_changes
    TO mlpp_gov_app, authenticated, service_role;

CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON gouvernance.service_level_changes
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting();

-- When a period that started then is late. Neither STRICT nor SET, so that it is inlined.
CREATE OR REPLACE FUNCTION gouvernance.deadline(hours integer, started_at timestamptz, timezone text)
RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN hours IS NULL
    THEN (date_trunc('day', started_at AT TIME ZONE timezone) + interval '1 day') AT TIME ZONE timezone
    ELSE started_at + make_interval(hours => hours)
END;

-- When a period of that check, of that severity, is late; NULL for a severity without level (INFO).
CREATE OR REPLACE FUNCTION gouvernance.due_at(
    p_check text, p_severity text, p_started_at timestamptz, p_timezone text
) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = ''
RETURN (
    SELECT gouvernance.deadline(hours, p_started_at, p_timezone)
    FROM gouvernance.service_levels
    WHERE check_code IN (p_check, '*') AND severity = p_severity
    ORDER BY check_code = '*'
    LIMIT 1
);

-- Set the level of one check, or of * for all the others, in hours; NULL is the local day. Only an
-- administrator: GV004 for anybody else, GV003 when the value is not possible.
CREATE OR REPLACE FUNCTION gouvernance.set_service_level(p_check text, p_severity text, p_hours integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    previous jsonb;
    following CONSTANT jsonb := jsonb_build_object('hours', p_hours);
BEGIN
    PERFORM gouvernance.require_administrator();
    IF p_check <> '*' AND NOT EXISTS (SELECT FROM gouvernance.checks WHERE code = p_check) THEN
        RAISE EXCEPTION 'Contrôle inconnu.' USING ERRCODE = 'GV003';
    END IF;
    LOCK TABLE gouvernance.service_levels IN SHARE ROW EXCLUSIVE MODE;  -- the journal's « before » is true
    SELECT jsonb_build_object('hours', hours) INTO previous FROM gouvernance.service_levels
    WHERE (check_code, severity) = (p_check, p_severity);
    INSERT INTO gouvernance.service_levels VALUES (p_check, p_severity, p_hours)
    ON CONFLICT (check_code, severity) DO UPDATE SET hours = EXCLUDED.hours;
    IF previous IS DISTINCT FROM following THEN
        INSERT INTO gouvernance.service_level_changes (actor, check_code, severity, before, after)
        VALUES (auth.uid(), p_check, p_severity, previous, following);
    END IF;
EXCEPTION WHEN check_violation OR not_null_violation THEN
    RAISE EXCEPTION 'Délai refusé : de 1 à 8 760 heures, ou le jour même.'
        USING ERRCODE = 'GV003', DETAIL = SQLERRM;
END
$$;

-- Take a check's own level away: that of all the others holds again. One that isn't there is no error.
CREATE OR REPLACE FUNCTION gouvernance.clear_service_level(p_check text, p_severity text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    previous integer;
BEGIN
    PERFORM gouvernance.require_administrator();
    IF p_check = '*' THEN
        RAISE EXCEPTION 'Le délai général se change ; il ne se retire pas.' USING ERRCODE = 'GV003';
    END IF;
    DELETE FROM gouvernance.service_levels WHERE (check_code, severity) = (p_check, p_severity)
    RETURNING hours INTO previous;
    IF FOUND THEN
        INSERT INTO gouvernance.service_level_changes (actor, check_code, severity, before)
        VALUES (auth.uid(), p_check, p_severity, jsonb_build_object('hours', previous));
    END IF;
END
$$;

REVOKE ALL ON FUNCTION
    gouvernance.deadline(integer, timestamptz, text),
    gouvernance.due_at(text, text, timestamptz, text),
    gouvernance.set_service_level(text, text, integer), gouvernance.clear_service_level(text, text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.deadline(integer, timestamptz, text),
    gouvernance.due_at(text, text, timestamptz, text)
    TO authenticated, service_role, mlpp_gov_app;
GRANT EXECUTE ON FUNCTION
    gouvernance.set_service_level(text, text, integer), gouvernance.clear_service_level(text, text)
    TO authenticated;
