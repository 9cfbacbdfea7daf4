-- Operations on production: ordered steps, STOP gates that another person opens on evidence, activities
-- that stay frozen, and a log. What an operation is never changes; what became of it is its log alone, so
-- that a correction is one more entry. docs/operations.md says it to operators.

CREATE TABLE IF NOT EXISTS gouvernance.operations (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code       text NOT NULL UNIQUE CHECK (code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
    title      text NOT NULL CHECK (btrim(title) <> '' AND length(title) <= 200),
    why        text NOT NULL CHECK (length(btrim(why)) >= 10 AND length(why) <= 2000),
    activities text[] NOT NULL DEFAULT '{}'  -- frozen from its start
        CHECK (cardinality(activities) <= 10 AND length(array_to_string(activities, '')) <= 600)
);

CREATE TABLE IF NOT EXISTS gouvernance.operation_steps (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation   bigint NOT NULL REFERENCES gouvernance.operations,
    position    integer NOT NULL CHECK (position > 0),
    kind        text NOT NULL CHECK (kind IN ('step', 'stop')),
    title       text NOT NULL CHECK (btrim(title) <> '' AND length(title) <= 300),
    requirement text NOT NULL DEFAULT '' CHECK (length(requirement) <= 1000),  -- the evidence asked for
    computed    text CHECK (computed IN ('simulation_approved', 'nothing_frozen')),  -- operation_condition()
    UNIQUE (operation, position)
);

-- actor NULL: taken over from the tracker; happened_on is then the day it gives, NULL where it gives none.
CREATE TABLE IF NOT EXISTS gouvernance.operation_log (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation   bigint NOT NULL REFERENCES gouvernance.operations,
    step        bigint REFERENCES gouvernance.operation_steps,
    activity    text,
    kind        text NOT NULL CHECK (kind IN (
        'opened', 'started', 'done', 'reopened', 'stop_passed', 'stop_refused', 'stop_withdrawn', 'note',
        'frozen', 'unfrozen', 'finished', 'abandoned'
    )),
    text        text NOT NULL DEFAULT '' CHECK (length(text) <= 5000),
    evidence    text NOT NULL DEFAULT '' CHECK (length(evidence) <= 2000),
    actor       uuid,  -- auth.users.id
    role        text,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    happened_on date,
    CHECK ((actor IS NULL) = (role IS NULL)),
    CHECK (actor IS NULL OR happened_on IS NULL),
    CHECK ((step IS NOT NULL)
        = (kind IN ('done', 'reopened', 'stop_passed', 'stop_refused', 'stop_withdrawn'))),
    CHECK ((activity IS NOT NULL) = (kind IN ('frozen', 'unfrozen')))
);
CREATE INDEX IF NOT EXISTS operation_log_operation ON gouvernance.operation_log (operation, id);
CREATE INDEX IF NOT EXISTS operation_log_step
    ON gouvernance.operation_log (step, id) WHERE step IS NOT NULL;
CREATE INDEX IF NOT EXISTS operation_log_activity
    ON gouvernance.operation_log (operation, activity, id) WHERE activity IS NOT NULL;

-- Nobody writes but the functions below, and they only add. The three who govern read, as themselves.
SELECT gouvernance.let_people_read('operations', 'operation_steps', 'operation_log');
SELECT gouvernance.make_append_only('operations', 'operation_steps', 'operation_log');

-- What the log makes of an operation, of a step and of an activity: its last word on each.
CREATE OR REPLACE VIEW gouvernance.operation_states WITH (security_invoker = true) AS
SELECT
    o.id, o.code, o.title, o.why, o.activities,
    CASE last.kind
        WHEN 'opened' THEN 'planned'
        WHEN 'started' THEN 'running'
        WHEN 'finished' THEN 'done'
        ELSE last.kind
    END AS state,
    last.actor, last.at, last.happened_on
FROM gouvernance.operations AS o
CROSS JOIN LATERAL (
    SELECT * FROM gouvernance.operation_log AS l
    WHERE l.operation = o.id AND l.kind IN ('opened', 'started', 'finished', 'abandoned')
    ORDER BY l.id DESC
    LIMIT 1
) AS last;

CREATE OR REPLACE VIEW gouvernance.operation_step_states WITH (security_invoker = true) AS
SELECT
    s.id, s.operation, s.position, s.kind, s.title, s.requirement, s.computed,
    last.kind IS NOT NULL AND last.kind IN ('done', 'stop_passed') AS is_done,
    last.kind AS last_kind, last.text, last.evidence, last.actor, last.at, last.happened_on
FROM gouvernance.operation_steps AS s
LEFT JOIN LATERAL (
    SELECT * FROM gouvernance.operation_log AS l
    WHERE l.step = s.id AND l.kind <> 'stop_refused'
    ORDER BY l.id DESC
    LIMIT 1
) AS last ON true;

CREATE OR REPLACE VIEW gouvernance.operation_freezes WITH (security_invoker = true) AS
SELECT
    o.id AS operation, a.activity,
    coalesce(last.kind = 'frozen', false) AS is_frozen,
    last.actor, last.at, last.happened_on
FROM gouvernance.operations AS o
CROSS JOIN LATERAL unnest(o.activities) AS a (activity)
LEFT JOIN LATERAL (
    SELECT * FROM gouvernance.operation_log AS l
    WHERE l.operation = o.id AND l.activity = a.activity
    ORDER BY l.id DESC
    LIMIT 1
) AS last ON true;

-- What must not be done for now, for the line at the head of every page; scenario C beside what
-- operations freeze. `since` of what was taken over is noon of its day. An abandoned operation may leave
-- something frozen: it stays so, in sight, until somebody says why it is safe again.
CREATE OR REPLACE VIEW gouvernance.restrictions AS
SELECT
    'operation' AS kind, f.activity AS label, o.title AS detail,
    coalesce((f.happened_on + time '12:00') AT TIME ZONE 'UTC', f.at) AS since,
    o.code AS url_key
FROM gouvernance.operation_freezes AS f
JOIN gouvernance.operations AS o ON o.id = f.operation
WHERE f.is_frozen
UNION ALL
SELECT 'freeze', 'Mises en production gelées', f.reason, f.began_at, r.tag
FROM gouvernance.freezes AS f
JOIN gouvernance.releases AS r ON r.id = f.release
WHERE f.ended_at IS NULL;

REVOKE ALL ON
    gouvernance.operation_states, gouvernance.operation_step_states, gouvernance.operation_freezes,
    gouvernance.restrictions
    FROM PUBLIC, mlpp_gov_app, authenticated, service_role;
GRANT SELECT ON
    gouvernance.operation_states, gouvernance.operation_step_states, gouvernance.operation_freezes
    TO authenticated;

CREATE OR REPLACE FUNCTION gouvernance.active_restrictions()
RETURNS TABLE (kind text, label text, detail text, since timestamptz, url_key text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT r.kind, r.label, r.detail, r.since, r.url_key
    FROM gouvernance.restrictions AS r
    ORDER BY r.since, r.label
$$;
