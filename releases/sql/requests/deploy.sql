-- What the deploy script and the CI ask for over HTTP: each request is answered once, however often it is
-- sent, and at most sixty of a token in a minute. All of it for the token that the transaction names.

CREATE TABLE IF NOT EXISTS gouvernance.release_requests (
    token    bigint NOT NULL REFERENCES gouvernance.release_tokens,
    key      text NOT NULL CHECK (key ~ '^[!-~]{1,200}$'),  -- Idempotency-Key
    at       timestamptz NOT NULL DEFAULT now(),
    digest   bytea NOT NULL CHECK (length(digest) = 32),  -- SHA-256 of method, path and body
    status   integer NOT NULL CHECK (status BETWEEN 200 AND 499),
    response jsonb NOT NULL,
    PRIMARY KEY (token, key)
);
SELECT gouvernance.let_governance_read('release_requests');
SELECT gouvernance.make_append_only('release_requests');

-- When the requests of a token came that its last minute has had.
CREATE TABLE IF NOT EXISTS gouvernance.release_token_uses (
    token   bigint PRIMARY KEY REFERENCES gouvernance.release_tokens,
    moments timestamptz[] NOT NULL
);
ALTER TABLE gouvernance.release_token_uses ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON gouvernance.release_token_uses FROM PUBLIC, mlpp_gov_app, authenticated, service_role;

-- What the token is called and why it opens nothing: unknown, revoked, expired, or its owner may no longer
-- conduct a release; refusal is NULL when it does.
CREATE OR REPLACE FUNCTION gouvernance.release_token_standing(OUT name text, OUT refusal text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT t.name, CASE
        WHEN t.id IS NULL THEN 'unknown'
        WHEN t.revoked_at IS NOT NULL THEN 'revoked'
        WHEN t.expires_at <= now() THEN 'expired'
        WHEN coalesce(gouvernance.role_of(t.owner), '') NOT IN ('admin', 'directeur') THEN 'owner'
    END
    FROM (SELECT) AS one LEFT JOIN gouvernance.release_tokens AS t
        ON encode(t.digest, 'hex') = current_setting('gouvernance.release_token', true)
$$;

-- Count a request: the seconds to wait where the last minute has had its sixty, or 0.
CREATE OR REPLACE FUNCTION gouvernance.count_release_request() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    bearer bigint := (SELECT id FROM gouvernance.current_token());
    recent timestamptz[];
BEGIN
    INSERT INTO gouvernance.release_token_uses (token, moments) VALUES (bearer, '{}')
    ON CONFLICT (token) DO NOTHING;
    SELECT moments INTO recent FROM gouvernance.release_token_uses WHERE token = bearer FOR UPDATE;
    recent := ARRAY(
        SELECT m FROM unnest(recent) AS m WHERE m > clock_timestamp() - interval '1 minute' ORDER BY m
    );
    IF cardinality(recent) >= 60 THEN
        RETURN greatest(1, ceil(extract(epoch FROM recent[1] + interval '1 minute' - clock_timestamp())));
    END IF;
    UPDATE gouvernance.release_token_uses SET moments = recent || clock_timestamp() WHERE token = bearer;
    RETURN 0;
END
$$;

-- What was answered to that key: {status, response}, {"other": true} when it was another request's, NULL
-- when nothing was yet. To the end of the transaction the token's other requests wait.
CREATE OR REPLACE FUNCTION gouvernance.begin_release_request(p_key text, p_digest text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    bearer bigint;
BEGIN
    SELECT t.id INTO bearer FROM gouvernance.release_tokens AS t
    WHERE t.id = (SELECT id FROM gouvernance.current_token()) AND t.revoked_at IS NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Jeton inconnu, révoqué ou expiré.' USING ERRCODE = 'GV004';
    END IF;
    RETURN (
        SELECT CASE
            WHEN r.digest = decode(p_digest, 'hex')
            THEN jsonb_build_object('status', r.status, 'response', r.response)
            ELSE '{"other": true}'
        END
        FROM gouvernance.release_requests AS r WHERE r.token = bearer AND r.key = p_key
    );
END
$$;

-- Keep what is answered to that key, in the transaction of the act itself.
CREATE OR REPLACE FUNCTION gouvernance.keep_release_answer(
    p_key text, p_digest text, p_status integer, p_response jsonb
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO gouvernance.release_requests (token, key, digest, status, response)
    SELECT t.id, p_key, decode(p_digest, 'hex'), p_status, p_response FROM gouvernance.current_token() AS t
$$;

REVOKE ALL ON FUNCTION
    gouvernance.release_token_standing(), gouvernance.count_release_request(),
    gouvernance.begin_release_request(text, text),
    gouvernance.keep_release_answer(text, text, integer, jsonb)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.release_token_standing(), gouvernance.count_release_request(),
    gouvernance.begin_release_request(text, text),
    gouvernance.keep_release_answer(text, text, integer, jsonb)
    TO mlpp_gov_app;
