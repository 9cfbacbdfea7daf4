-- The RLS audits that were recorded, whole: what was found then, and what each role could do.
CREATE TABLE IF NOT EXISTS gouvernance.rls_audits (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at              timestamptz NOT NULL,
    release         text NOT NULL,
    path            text NOT NULL CHECK (path IN ('worker', 'command')),
    login           text NOT NULL DEFAULT session_user,
    failing         integer NOT NULL,  -- findings of level error that nobody accepted
    warnings        integer NOT NULL,
    accepted        integer NOT NULL,
    public_policies integer NOT NULL,  -- permissive ones, accepted or not
    findings        jsonb NOT NULL CHECK (jsonb_typeof(findings) = 'array'),
    matrix          jsonb CHECK (jsonb_typeof(matrix) = 'object')  -- NULL: roles were not tried
);

REVOKE ALL ON gouvernance.rls_audits FROM PUBLIC, mlpp_gov_app;
GRANT SELECT ON gouvernance.rls_audits TO mlpp_gov_app;

CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON gouvernance.rls_audits
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting();

-- Record an audit and return its id. The counts are taken from the findings, so that they can't differ.
CREATE OR REPLACE FUNCTION gouvernance.record_rls_audit(
    p_at timestamptz, p_release text, p_path text, p_findings jsonb, p_matrix jsonb
) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
    INSERT INTO gouvernance.rls_audits
        (at, release, path, failing, warnings, accepted, public_policies, findings, matrix)
    SELECT
        p_at, p_release, p_path,
        count(*) FILTER (WHERE f ->> 'level' = 'error' AND f ->> 'accepted' IS NULL),
        count(*) FILTER (WHERE f ->> 'level' = 'warn' AND f ->> 'accepted' IS NULL),
        count(*) FILTER (WHERE f ->> 'accepted' IS NOT NULL),
        count(*) FILTER (WHERE f ->> 'finding' = 'PUBLIC_POLICY'),
        p_findings, p_matrix
    FROM jsonb_array_elements(p_findings) AS f
    RETURNING id;
END;

REVOKE ALL ON FUNCTION gouvernance.record_rls_audit(timestamptz, text, text, jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.record_rls_audit(timestamptz, text, text, jsonb, jsonb)
    TO mlpp_gov_app;
