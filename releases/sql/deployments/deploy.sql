-- Deployments, freezes, incidents and post-mortems. What is done with them is in scenarios/deploy.sql.

-- state: preparation → authorised → execution → validation → success, failed or abandoned; rolled_back
-- once a rollback has replaced it. An authorisation that lost its ground goes back to preparation.
CREATE TABLE IF NOT EXISTS gouvernance.deployments (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    release          bigint NOT NULL REFERENCES gouvernance.releases,
    environment      text NOT NULL CHECK (environment IN ('staging', 'production')),
    kind             text NOT NULL CHECK (kind IN ('deployment', 'rollback')),
    scenario         text GENERATED ALWAYS AS (CASE environment WHEN 'staging' THEN 'A' ELSE 'B' END) STORED,
    state            text NOT NULL CHECK (state IN (
        'preparation', 'authorised', 'execution', 'validation', 'success', 'failed', 'abandoned', 'rolled_back'
    )),
    replaces         bigint REFERENCES gouvernance.deployments,  -- what a rollback takes back
    reason           text NOT NULL DEFAULT '',  -- of a rollback
    operator         uuid NOT NULL,
    operator_token   bigint REFERENCES gouvernance.release_tokens,
    opened_at        timestamptz NOT NULL DEFAULT now(),
    backup_reference text NOT NULL DEFAULT '' CHECK (length(backup_reference) <= 500),
    rollback_plan    text NOT NULL DEFAULT '' CHECK (length(rollback_plan) <= 10000),
    window_from      timestamptz,
    window_to        timestamptz CHECK (window_to > window_from),
    gate             bigint REFERENCES gouvernance.gates,  -- on which it was authorised
    authorised_by    uuid,
    authorised_role  text,
    authorised_at    timestamptz,
    started_at       timestamptz,
    deployed_at      timestamptz,
    finished_at      timestamptz,
    outcome          text NOT NULL DEFAULT '',  -- why it failed or was abandoned
    freeze_id        bigint,  -- began while it was under way
    CHECK (kind = 'deployment' OR replaces IS NOT NULL AND reason ~ '\S'),
    CHECK ((window_from IS NULL) = (window_to IS NULL)),
    CHECK (
        window_from IS NULL
        OR gouvernance.moment(window_from) IS NOT NULL AND gouvernance.moment(window_to) IS NOT NULL
    ),
    CHECK ((authorised_by IS NULL) = (authorised_at IS NULL)),
    -- Nobody authorises what they carry out, whoever writes the row.
    CHECK (authorised_by <> operator),
    CHECK (kind = 'rollback' OR state IN ('preparation', 'abandoned') OR authorised_by IS NOT NULL)
);
-- One at a time in each environment; a rollback may meet what it takes back.
CREATE UNIQUE INDEX IF NOT EXISTS deployments_one_at_a_time
    ON gouvernance.deployments (environment, kind)
    WHERE state IN ('preparation', 'authorised', 'execution', 'validation');
CREATE INDEX IF NOT EXISTS deployments_release ON gouvernance.deployments (release, id);
-- What runs, and what was tried since, whatever the length of the history.
CREATE INDEX IF NOT EXISTS deployments_running ON gouvernance.deployments (environment, deployed_at, id)
    WHERE deployed_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS deployments_started ON gouvernance.deployments (environment, started_at)
    WHERE started_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS deployments_replaces ON gouvernance.deployments (replaces)
    WHERE replaces IS NOT NULL;

-- Forward only, whoever writes; what is over stays as it ended.
CREATE OR REPLACE FUNCTION gouvernance.keep_deployment_history() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF NOT (OLD.state, NEW.state) IN (
        ('preparation', 'preparation'), ('preparation', 'authorised'), ('preparation', 'abandoned'),
        ('authorised', 'execution'), ('authorised', 'preparation'), ('authorised', 'abandoned'),
        ('execution', 'execution'), ('execution', 'validation'), ('execution', 'failed'),
        ('validation', 'validation'), ('validation', 'success'), ('validation', 'failed'),
        ('success', 'rolled_back'), ('failed', 'rolled_back')
    ) OR (NEW.id, NEW.release, NEW.environment, NEW.kind, NEW.replaces, NEW.reason, NEW.opened_at)
        IS DISTINCT FROM
        (OLD.id, OLD.release, OLD.environment, OLD.kind, OLD.replaces, OLD.reason, OLD.opened_at)
    OR OLD.state <> 'preparation' AND NEW.state <> 'preparation' AND (
        (NEW.gate, NEW.authorised_by, NEW.authorised_at, NEW.backup_reference, NEW.rollback_plan,
         NEW.window_from, NEW.window_to)
        IS DISTINCT FROM
        (OLD.gate, OLD.authorised_by, OLD.authorised_at, OLD.backup_reference, OLD.rollback_plan,
         OLD.window_from, OLD.window_to)
    ) OR OLD.finished_at IS NOT NULL AND NEW.finished_at IS DISTINCT FROM OLD.finished_at THEN
        RAISE EXCEPTION 'Un déploiement ne se réécrit pas (%, de % à %).', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION gouvernance.keep_deployment_history() FROM PUBLIC;
CREATE OR REPLACE TRIGGER keep_history BEFORE UPDATE ON gouvernance.deployments
    FOR EACH ROW EXECUTE FUNCTION gouvernance.keep_deployment_history();
CREATE OR REPLACE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON gouvernance.deployments
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting();

-- Scenario C. One at a time; it ends by a decision of its own.
CREATE TABLE IF NOT EXISTS gouvernance.freezes (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    release    bigint NOT NULL REFERENCES gouvernance.releases,
    gate       bigint NOT NULL REFERENCES gouvernance.gates,
    reason     text NOT NULL CHECK (reason ~ '\S{3}' AND length(reason) <= 4000),
    began_at   timestamptz NOT NULL DEFAULT now(),
    began_by   uuid NOT NULL,
    began_role text NOT NULL,
    ended_at   timestamptz,
    ended_by   uuid,
    ended_role text,
    ended_for  text CHECK (ended_for IN ('planned', 'urgent_fix')),
    ended_why  text CHECK (ended_why ~ '\S{3}' AND length(ended_why) <= 4000),
    gate_held  boolean,  -- when it ended; if not, a new gate is needed
    CHECK (num_nulls(ended_at, ended_by, ended_role, ended_for, ended_why, gate_held) IN (0, 6))
);
CREATE UNIQUE INDEX IF NOT EXISTS freezes_one ON gouvernance.freezes ((true)) WHERE ended_at IS NULL;
CREATE OR REPLACE FUNCTION gouvernance.keep_freeze_history() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL
        OR (NEW.id, NEW.release, NEW.gate, NEW.reason, NEW.began_at, NEW.began_by, NEW.began_role)
        IS DISTINCT FROM
        (OLD.id, OLD.release, OLD.gate, OLD.reason, OLD.began_at, OLD.began_by, OLD.began_role) THEN
        RAISE EXCEPTION 'Un gel ne se réécrit pas.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION gouvernance.keep_freeze_history() FROM PUBLIC;
CREATE OR REPLACE TRIGGER keep_history BEFORE UPDATE ON gouvernance.freezes
    FOR EACH ROW EXECUTE FUNCTION gouvernance.keep_freeze_history();
CREATE OR REPLACE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON gouvernance.freezes
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting();

CREATE TABLE IF NOT EXISTS gouvernance.release_incidents (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    environment text NOT NULL CHECK (environment IN ('staging', 'production')),
    deployment  bigint REFERENCES gouvernance.deployments,  -- what ran there then
    severity    text NOT NULL CHECK (severity IN ('minor', 'major', 'critical')),
    description text NOT NULL CHECK (description ~ '\S{3}' AND length(description) <= 4000),
    at          timestamptz NOT NULL DEFAULT now(),
    person      uuid NOT NULL,
    role        text NOT NULL,
    token       bigint REFERENCES gouvernance.release_tokens
);
CREATE INDEX IF NOT EXISTS release_incidents_environment ON gouvernance.release_incidents (environment, at);

-- What was seen while a deployment of production was watched.
CREATE TABLE IF NOT EXISTS gouvernance.watch_readings (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    deployment          bigint NOT NULL REFERENCES gouvernance.deployments,
    at                  timestamptz NOT NULL DEFAULT now(),
    error_percent       numeric NOT NULL CHECK (error_percent BETWEEN 0 AND 100),
    unavailable_minutes numeric NOT NULL CHECK (unavailable_minutes BETWEEN 0 AND 1440),  -- since the last
    note                text NOT NULL DEFAULT '' CHECK (length(note) <= 4000),
    person              uuid NOT NULL,
    role                text NOT NULL,
    token               bigint REFERENCES gouvernance.release_tokens
);
CREATE INDEX IF NOT EXISTS watch_readings_deployment ON gouvernance.watch_readings (deployment, id);

-- Owed after a rollback of production; the next production release waits for it.
CREATE TABLE IF NOT EXISTS gouvernance.post_mortems (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rollback  bigint NOT NULL UNIQUE REFERENCES gouvernance.deployments,
    opened_at timestamptz NOT NULL DEFAULT now(),
    due_on    date NOT NULL
);
CREATE TABLE IF NOT EXISTS gouvernance.post_mortem_versions (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post_mortem bigint NOT NULL REFERENCES gouvernance.post_mortems,
    at          timestamptz NOT NULL DEFAULT now(),
    person      uuid NOT NULL,
    role        text NOT NULL,
    context     text NOT NULL,
    symptoms    text NOT NULL,
    cause       text NOT NULL,
    sql_proof   text NOT NULL,
    fix         text NOT NULL,
    prevention  text NOT NULL,
    validation  text NOT NULL,
    complete    boolean GENERATED ALWAYS AS (
        least(
            length(btrim(context)), length(btrim(symptoms)), length(btrim(cause)), length(btrim(sql_proof)),
            length(btrim(fix)), length(btrim(prevention)), length(btrim(validation))
        ) >= 10
    ) STORED,
    CHECK (greatest(
        length(context), length(symptoms), length(cause), length(sql_proof), length(fix),
        length(prevention), length(validation)
    ) <= 20000)
);
CREATE INDEX IF NOT EXISTS post_mortem_versions_latest
    ON gouvernance.post_mortem_versions (post_mortem, id);

SELECT gouvernance.let_governance_read(
    'deployments', 'freezes', 'release_incidents', 'watch_readings', 'post_mortems', 'post_mortem_versions'
);
SELECT gouvernance.make_append_only(
    'release_incidents', 'watch_readings', 'post_mortems', 'post_mortem_versions'
);
