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

-- Hold an operation until the end of the transaction, in one of those states. GV003 when there is none or
-- it has not begun; GV001 when it is over: somebody was faster, DETAIL says who and when.
CREATE OR REPLACE FUNCTION gouvernance.hold_operation(p_code text, VARIADIC p_states text[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    held bigint;
    found_state gouvernance.operation_states;
BEGIN
    SELECT id INTO held FROM gouvernance.operations WHERE code = p_code FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'opération inconnue.' USING ERRCODE = 'GV003';
    END IF;
    SELECT * INTO found_state FROM gouvernance.operation_states WHERE id = held;
    IF found_state.state = ANY (p_states) THEN
        RETURN held;
    END IF;
    IF found_state.state = 'planned' THEN
        RAISE EXCEPTION 'l’opération n’a pas encore commencé.' USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.refuse_late(
        CASE found_state.state
            WHEN 'running' THEN 'L’opération a déjà été lancée'
            WHEN 'done' THEN 'L’opération a déjà été clôturée'
            ELSE 'L’opération a déjà été abandonnée'
        END,
        found_state.actor, found_state.at, found_state.happened_on
    );
END
$$;

-- Somebody was faster: GV001, and in DETAIL who and when.
CREATE OR REPLACE FUNCTION gouvernance.refuse_late(p_said text, p_by uuid, p_at timestamptz, p_on date)
RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION '%', p_said USING ERRCODE = 'GV001',
        DETAIL = jsonb_build_object('by', p_by, 'at', p_at, 'on', p_on)::text;
END
$$;

-- A reason, or GV003.
CREATE OR REPLACE FUNCTION gouvernance.require_text(p_what text, p_text text, p_least integer) RETURNS text
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF coalesce(length(btrim(p_text)) < p_least OR length(p_text) > 2000, true) THEN
        RAISE EXCEPTION '% a de % à 2000 caractères.', p_what, p_least USING ERRCODE = 'GV003';
    END IF;
    RETURN btrim(p_text);
END
$$;

-- Add an entry to the log, of the person of this transaction.
CREATE OR REPLACE FUNCTION gouvernance.log_operation(
    p_operation bigint, p_kind text, p_role text, p_text text DEFAULT '', p_evidence text DEFAULT '',
    p_step bigint DEFAULT NULL, p_activity text DEFAULT NULL
) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO gouvernance.operation_log (operation, step, activity, kind, text, evidence, actor, role)
    VALUES (p_operation, p_step, p_activity, p_kind, p_text, p_evidence, auth.uid(), p_role)
$$;

-- The name of a person, as the application knows it.
CREATE OR REPLACE FUNCTION gouvernance.name_of(p_person uuid) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
    RETURN coalesce(
        (SELECT coalesce(nullif(u.full_name, ''), u.username) FROM gouvernance.mlpp_gov_user AS u
         WHERE u.supabase_user_id = p_person),
        'une personne inconnue de ce tableau de bord'
    );
END
$$;

-- Approvals of simulation reports for a STOP: current when the same report, recomputed now over everything
-- there is, still has that checksum. Computed for reports of the whole only, each method once.
CREATE OR REPLACE FUNCTION gouvernance.gate_approvals(p_gate text)
RETURNS TABLE (
    approved_by uuid, approved_at timestamptz, note text, checksum text, receptions bigint,
    is_whole boolean, is_current boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM gouvernance.require_role('admin', 'directeur', 'pca');
    RETURN QUERY
    WITH approvals AS MATERIALIZED (
        SELECT a.*,
            a.parameters ->> 'rounding' AS rounding, (a.parameters ->> 'hydrometer')::boolean AS hydrometer,
            coalesce(
                a.parameters ->> 'from', a.parameters ->> 'to', a.parameters ->> 'depot',
                a.parameters ->> 'tank'
            ) IS NULL AS whole
        FROM gouvernance.simulation_approvals AS a
        WHERE a.stop_gate = p_gate
    ), now_true AS MATERIALIZED (
        SELECT m.rounding, m.hydrometer, (
            SELECT gouvernance.simulation_checksum(
                NULL, NULL, NULL, NULL, m.rounding, m.hydrometer, array_agg(l.canonical)
            )
            FROM gouvernance.simulation_lines(NULL, NULL, NULL, NULL, m.rounding, m.hydrometer) AS l
        ) AS seal
        FROM (SELECT DISTINCT a.rounding, a.hydrometer FROM approvals AS a WHERE a.whole) AS m
    )
    SELECT
        a.approved_by, a.approved_at, a.note, a.checksum, (a.totals ->> 'receptions')::bigint, a.whole,
        a.whole AND EXISTS (
            SELECT FROM now_true AS t
            WHERE (t.rounding, t.hydrometer, t.seal) = (a.rounding, a.hydrometer, a.checksum)
        )
    FROM approvals AS a
    ORDER BY a.id DESC;
END
$$;

-- What PostgreSQL itself can tell of a step: whether it is met, and what to say of it.
CREATE OR REPLACE FUNCTION gouvernance.operation_condition(
    p_operation bigint, p_computed text, OUT met boolean, OUT said text
)
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
    CASE p_computed
        WHEN 'simulation_approved' THEN
            SELECT
                coalesce(bool_or(a.is_current), false),
                CASE
                    WHEN bool_or(a.is_current) THEN 'rapport de simulation approuvé, et toujours à jour'
                    WHEN count(*) = 0 THEN 'aucun rapport de simulation n’est approuvé pour ce STOP'
                    WHEN NOT bool_or(a.is_whole)
                    THEN 'les rapports approuvés ne couvrent qu’une partie des réceptions'
                    ELSE 'les données ont changé depuis l’approbation du rapport de simulation'
                END
            INTO met, said
            FROM gouvernance.operations AS o
            CROSS JOIN LATERAL gouvernance.gate_approvals(o.code) AS a
            WHERE o.id = p_operation;
        WHEN 'nothing_frozen' THEN
            SELECT
                count(*) = 0,
                coalesce('encore gelé : ' || string_agg(f.activity, ', '), 'plus rien n’est gelé')
            INTO met, said
            FROM gouvernance.operation_freezes AS f
            WHERE f.operation = p_operation AND f.is_frozen;
    END CASE;
END
$$;

-- Everything that keeps the person of this transaction from passing a STOP, evidence apart: steps before
-- it, an earlier STOP, what is computed (p_unmet: what that says, NULL when it is met), and whether they
-- declared themself one of the steps since the previous STOP (four eyes).
CREATE OR REPLACE FUNCTION gouvernance.stop_obstacles(p_operation bigint, p_position integer, p_unmet text)
RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    obstacles text[] := '{}';
    named text;
BEGIN
    SELECT string_agg(format('« %s »', s.title), ', ' ORDER BY s.position) INTO named
    FROM gouvernance.operation_step_states AS s
    WHERE s.operation = p_operation AND s.position < p_position AND s.kind = 'step' AND NOT s.is_done;
    IF named IS NOT NULL THEN
        obstacles := obstacles || ('étapes non faites : ' || named);
    END IF;
    SELECT string_agg(format('« %s »', s.title), ', ' ORDER BY s.position) INTO named
    FROM gouvernance.operation_step_states AS s
    WHERE s.operation = p_operation AND s.position < p_position AND s.kind = 'stop' AND NOT s.is_done;
    IF named IS NOT NULL THEN
        obstacles := obstacles || ('STOP précédent non franchi : ' || named);
    END IF;
    IF p_unmet IS NOT NULL THEN
        obstacles := obstacles || p_unmet;
    END IF;
    SELECT string_agg(format('« %s »', s.title), ', ' ORDER BY s.position) INTO named
    FROM gouvernance.operation_step_states AS s
    WHERE s.operation = p_operation AND s.position < p_position AND s.kind = 'step' AND s.is_done
        AND s.actor = auth.uid()
        AND s.position > coalesce((
            SELECT max(earlier.position) FROM gouvernance.operation_steps AS earlier
            WHERE earlier.operation = p_operation AND earlier.kind = 'stop'
                AND earlier.position < p_position
        ), 0);
    IF named IS NOT NULL THEN
        obstacles := obstacles || format(
            '%s a déclaré %s : ce STOP demande un autre directeur ou le PCA',
            gouvernance.name_of(auth.uid()), named
        );
    END IF;
    RETURN obstacles;
END
$$;

-- What the page says of the steps that PostgreSQL can judge, and of the STOP to pass next for this reader.
CREATE OR REPLACE FUNCTION gouvernance.operation_outlook(p_code text)
RETURNS TABLE ("position" integer, met boolean, said text, obstacles text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    this_operation bigint := (SELECT id FROM gouvernance.operations WHERE code = p_code);
    next_stop integer := (
        SELECT min(s.position) FROM gouvernance.operation_step_states AS s
        WHERE s.operation = this_operation AND s.kind = 'stop' AND NOT s.is_done
    );
BEGIN
    PERFORM gouvernance.require_role('admin', 'directeur', 'pca');
    RETURN QUERY
    WITH conditions AS MATERIALIZED (  -- each computed once, however many steps ask for it
        SELECT asked.computed, c.met, c.said
        FROM (
            SELECT DISTINCT s.computed FROM gouvernance.operation_step_states AS s
            WHERE s.operation = this_operation AND NOT s.is_done AND s.computed IS NOT NULL
        ) AS asked
        CROSS JOIN LATERAL gouvernance.operation_condition(this_operation, asked.computed) AS c
    )
    SELECT s.position, c.met, c.said,
        CASE WHEN s.position = next_stop
            THEN gouvernance.stop_obstacles(
                this_operation, next_stop, CASE WHEN NOT c.met THEN c.said END
            )
        END
    FROM gouvernance.operation_step_states AS s
    LEFT JOIN conditions AS c ON c.computed = s.computed
    WHERE s.operation = this_operation AND NOT s.is_done
        AND (s.computed IS NOT NULL OR s.position = next_stop);
END
$$;

-- Open an operation, planned, and return its id. p_steps: [{kind, title, requirement}] in their order.
-- GV003 for what is impossible, GV004 for whoever is neither administrator nor directeur.
CREATE OR REPLACE FUNCTION gouvernance.open_operation(
    p_code text, p_title text, p_why text, p_activities text[], p_steps jsonb
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acting_role text := gouvernance.require_role('admin', 'directeur');
    opened bigint;
BEGIN
    IF NOT coalesce(jsonb_array_length(p_steps) BETWEEN 1 AND 100, false) THEN
        RAISE EXCEPTION 'une opération a de 1 à 100 étapes.' USING ERRCODE = 'GV003';
    END IF;
    IF EXISTS (
        SELECT FROM unnest(p_activities) AS a (activity)
        WHERE a.activity IS NULL OR btrim(a.activity) = '' OR length(a.activity) > 60
    ) OR cardinality(p_activities) <> (SELECT count(DISTINCT a) FROM unnest(p_activities) AS a) THEN
        RAISE EXCEPTION 'une activité gelée a de 1 à 60 caractères, et n’est dite qu’une fois.'
            USING ERRCODE = 'GV003';
    END IF;
    INSERT INTO gouvernance.operations (code, title, why, activities)
    VALUES (p_code, p_title, p_why, p_activities)
    RETURNING id INTO opened;
    INSERT INTO gouvernance.operation_steps (operation, position, kind, title, requirement)
    SELECT opened, s.position, s.step ->> 'kind', s.step ->> 'title', coalesce(s.step ->> 'requirement', '')
    FROM jsonb_array_elements(p_steps) WITH ORDINALITY AS s (step, position);
    PERFORM gouvernance.log_operation(opened, 'opened', acting_role);
    RETURN opened;
EXCEPTION
    WHEN unique_violation THEN
        RAISE EXCEPTION 'le code % est déjà pris.', p_code USING ERRCODE = 'GV003';
    WHEN check_violation OR not_null_violation OR invalid_parameter_value THEN
        RAISE EXCEPTION 'le code, un texte ou une étape n’est pas possible.'
            USING ERRCODE = 'GV003', DETAIL = SQLERRM;
END
$$;

-- Begin: from now on its activities are frozen.
CREATE OR REPLACE FUNCTION gouvernance.start_operation(p_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acting_role text := gouvernance.require_role('admin', 'directeur');
    this_operation bigint := gouvernance.hold_operation(p_code, 'planned');
    each_activity text;
BEGIN
    PERFORM gouvernance.log_operation(this_operation, 'started', acting_role);
    FOREACH each_activity IN ARRAY (SELECT activities FROM gouvernance.operations WHERE id = this_operation)
    LOOP
        PERFORM gouvernance.log_operation(
            this_operation, 'frozen', acting_role, 'au lancement', p_activity => each_activity
        );
    END LOOP;
END
$$;

-- A step of an operation that runs, or GV003.
CREATE OR REPLACE FUNCTION gouvernance.step_of(p_operation bigint, p_position integer, p_kind text)
RETURNS gouvernance.operation_step_states
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    found_step gouvernance.operation_step_states;
BEGIN
    SELECT * INTO found_step FROM gouvernance.operation_step_states
    WHERE operation = p_operation AND position = p_position AND kind = p_kind;
    IF NOT FOUND THEN
        RAISE EXCEPTION '%', CASE p_kind WHEN 'stop' THEN 'STOP inconnu.' ELSE 'étape inconnue.' END
            USING ERRCODE = 'GV003';
    END IF;
    RETURN found_step;
END
$$;

-- Declare a step done. Between two STOPs in any order; never beyond a STOP that is not passed.
CREATE OR REPLACE FUNCTION gouvernance.declare_step(p_code text, p_position integer, p_evidence text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acting_role text := gouvernance.require_role('admin', 'directeur');
    this_operation bigint := gouvernance.hold_operation(p_code, 'running');
    this_step gouvernance.operation_step_states :=
        gouvernance.step_of(this_operation, p_position, 'step');
    barrier text;
    condition record;
BEGIN
    IF this_step.is_done THEN
        PERFORM gouvernance.refuse_late(
            'Cette étape a déjà été déclarée faite', this_step.actor, this_step.at, this_step.happened_on
        );
    END IF;
    SELECT s.title INTO barrier FROM gouvernance.operation_step_states AS s
    WHERE s.operation = this_operation AND s.position < p_position AND s.kind = 'stop' AND NOT s.is_done
    ORDER BY s.position
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'le STOP « % » n’est pas franchi.', barrier USING ERRCODE = 'GV003';
    END IF;
    IF this_step.computed IS NOT NULL THEN
        condition := gouvernance.operation_condition(this_operation, this_step.computed);
        IF NOT condition.met THEN
            RAISE EXCEPTION '%.', condition.said USING ERRCODE = 'GV003';
        END IF;
    END IF;
    PERFORM gouvernance.log_operation(
        this_operation, 'done', acting_role, p_step => this_step.id,
        p_evidence => gouvernance.require_text('la preuve', coalesce(p_evidence, ''), 0)
    );
END
$$;

-- Take back a step declared done by mistake; not once a STOP was passed on the strength of it.
CREATE OR REPLACE FUNCTION gouvernance.reopen_step(p_code text, p_position integer, p_reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acting_role text := gouvernance.require_role('admin', 'directeur');
    this_operation bigint := gouvernance.hold_operation(p_code, 'running');
    this_step gouvernance.operation_step_states :=
        gouvernance.step_of(this_operation, p_position, 'step');
    passed text;
BEGIN
    IF this_step.last_kind = 'reopened' THEN
        PERFORM gouvernance.refuse_late(
            'Cette étape a déjà été rouverte', this_step.actor, this_step.at, this_step.happened_on
        );
    ELSIF NOT this_step.is_done THEN
        RAISE EXCEPTION 'cette étape n’est pas déclarée faite.' USING ERRCODE = 'GV003';
    END IF;
    SELECT s.title INTO passed FROM gouvernance.operation_step_states AS s
    WHERE s.operation = this_operation AND s.position > p_position AND s.kind = 'stop' AND s.is_done
    ORDER BY s.position
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'le STOP « % » a été franchi sur la foi de cette étape : c’est lui qu’il faut d’abord'
            ' retirer.', passed USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.log_operation(
        this_operation, 'reopened', acting_role,
        gouvernance.require_text('la raison', p_reason, 10), p_step => this_step.id
    );
END
$$;

-- Pass a STOP on evidence: a directeur or the PCA, who does not open a gate behind their own work.
-- Returns what is missing, all of it; nothing: it is passed. An attempt in vain stays in the log.
CREATE OR REPLACE FUNCTION gouvernance.pass_stop(p_code text, p_position integer, p_evidence text)
RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acting_role text := gouvernance.require_role('directeur', 'pca');
    this_operation bigint := gouvernance.hold_operation(p_code, 'running');
    this_step gouvernance.operation_step_states :=
        gouvernance.step_of(this_operation, p_position, 'stop');
    obstacles text[];
    condition record;
    unmet text;
BEGIN
    IF this_step.is_done THEN
        PERFORM gouvernance.refuse_late(
            'Ce STOP est déjà franchi', this_step.actor, this_step.at, this_step.happened_on
        );
    END IF;
    PERFORM gouvernance.require_text('la preuve', coalesce(p_evidence, ''), 0);
    IF this_step.computed IS NOT NULL THEN
        condition := gouvernance.operation_condition(this_operation, this_step.computed);
        unmet := CASE WHEN NOT condition.met THEN condition.said END;
    END IF;
    obstacles := gouvernance.stop_obstacles(this_operation, p_position, unmet);
    IF coalesce(length(btrim(p_evidence)), 0) < 10 THEN
        obstacles := obstacles || 'la preuve a au moins 10 caractères'::text;
    END IF;
    PERFORM gouvernance.log_operation(
        this_operation, CASE WHEN obstacles = '{}' THEN 'stop_passed' ELSE 'stop_refused' END, acting_role,
        left(array_to_string(obstacles, ' ; '), 5000), btrim(coalesce(p_evidence, '')), this_step.id
    );
    RETURN obstacles;
END
$$;

-- Close a STOP again that was passed by mistake, while nothing beyond it is done.
CREATE OR REPLACE FUNCTION gouvernance.withdraw_stop(p_code text, p_position integer, p_reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acting_role text := gouvernance.require_role('directeur', 'pca');
    this_operation bigint := gouvernance.hold_operation(p_code, 'running');
    this_step gouvernance.operation_step_states :=
        gouvernance.step_of(this_operation, p_position, 'stop');
    beyond text;
BEGIN
    IF this_step.last_kind = 'stop_withdrawn' THEN
        PERFORM gouvernance.refuse_late(
            'Ce STOP a déjà été remis', this_step.actor, this_step.at, this_step.happened_on
        );
    ELSIF NOT this_step.is_done THEN
        RAISE EXCEPTION 'ce STOP n’est pas franchi.' USING ERRCODE = 'GV003';
    END IF;
    SELECT string_agg(format('« %s »', s.title), ', ' ORDER BY s.position) INTO beyond
    FROM gouvernance.operation_step_states AS s
    WHERE s.operation = this_operation AND s.position > p_position AND s.is_done;
    IF beyond IS NOT NULL THEN
        RAISE EXCEPTION 'c’est fait au-delà de ce STOP : %.', beyond USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.log_operation(
        this_operation, 'stop_withdrawn', acting_role,
        gouvernance.require_text('la raison', p_reason, 10), p_step => this_step.id
    );
END
$$;

-- Say something in the log, whatever the state: what is learned afterwards too.
CREATE OR REPLACE FUNCTION gouvernance.note_operation(p_code text, p_text text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acting_role text := gouvernance.require_role('admin', 'directeur');
    this_operation bigint :=
        gouvernance.hold_operation(p_code, 'planned', 'running', 'done', 'abandoned');
BEGIN
    PERFORM gouvernance.log_operation(
        this_operation, 'note', acting_role, gouvernance.require_text('la note', p_text, 3)
    );
END
$$;

-- Freeze an activity of the operation again, or let it go on, and say why. What an abandoned operation
-- left frozen can only be let go.
CREATE OR REPLACE FUNCTION gouvernance.set_freeze(
    p_code text, p_activity text, p_frozen boolean, p_reason text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acting_role text := gouvernance.require_role('admin', 'directeur');
    this_operation bigint;
    known gouvernance.operation_freezes;
BEGIN
    IF p_frozen THEN
        this_operation := gouvernance.hold_operation(p_code, 'running');
    ELSE
        this_operation := gouvernance.hold_operation(p_code, 'running', 'abandoned');
    END IF;
    SELECT * INTO known FROM gouvernance.operation_freezes
    WHERE operation = this_operation AND activity = p_activity;
    IF NOT FOUND OR p_frozen IS NULL THEN
        RAISE EXCEPTION 'cette opération ne gèle pas cette activité.' USING ERRCODE = 'GV003';
    END IF;
    IF known.is_frozen = p_frozen THEN
        PERFORM gouvernance.refuse_late(
            CASE WHEN p_frozen THEN 'Le gel a déjà été remis' ELSE 'Le gel a déjà été levé' END,
            known.actor, known.at, known.happened_on
        );
    END IF;
    PERFORM gouvernance.log_operation(
        this_operation, CASE WHEN p_frozen THEN 'frozen' ELSE 'unfrozen' END, acting_role,
        gouvernance.require_text('la raison', p_reason, 10), p_activity => p_activity
    );
END
$$;

-- Close an operation of which everything is done; what is still frozen is let go.
CREATE OR REPLACE FUNCTION gouvernance.finish_operation(p_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acting_role text := gouvernance.require_role('admin', 'directeur');
    this_operation bigint := gouvernance.hold_operation(p_code, 'running');
    open_steps text;
    each_activity text;
BEGIN
    SELECT string_agg(format('« %s »', s.title), ', ' ORDER BY s.position) INTO open_steps
    FROM gouvernance.operation_step_states AS s
    WHERE s.operation = this_operation AND NOT s.is_done;
    IF open_steps IS NOT NULL THEN
        RAISE EXCEPTION 'il reste à faire : %.', open_steps USING ERRCODE = 'GV003';
    END IF;
    FOR each_activity IN
        SELECT f.activity FROM gouvernance.operation_freezes AS f
        WHERE f.operation = this_operation AND f.is_frozen
    LOOP
        PERFORM gouvernance.log_operation(
            this_operation, 'unfrozen', acting_role, 'à la clôture', p_activity => each_activity
        );
    END LOOP;
    PERFORM gouvernance.log_operation(this_operation, 'finished', acting_role);
END
$$;

-- Give an operation up, planned or running. What is frozen stays so: see set_freeze().
CREATE OR REPLACE FUNCTION gouvernance.abandon_operation(p_code text, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acting_role text := gouvernance.require_role('admin', 'directeur');
    this_operation bigint := gouvernance.hold_operation(p_code, 'planned', 'running');
BEGIN
    PERFORM gouvernance.log_operation(
        this_operation, 'abandoned', acting_role, gouvernance.require_text('la raison', p_reason, 10)
    );
END
$$;

REVOKE ALL ON FUNCTION
    gouvernance.active_restrictions(), gouvernance.hold_operation(text, text[]),
    gouvernance.refuse_late(text, uuid, timestamptz, date),
    gouvernance.require_text(text, text, integer),
    gouvernance.log_operation(bigint, text, text, text, text, bigint, text), gouvernance.name_of(uuid),
    gouvernance.gate_approvals(text), gouvernance.operation_condition(bigint, text),
    gouvernance.stop_obstacles(bigint, integer, text), gouvernance.operation_outlook(text),
    gouvernance.open_operation(text, text, text, text[], jsonb), gouvernance.start_operation(text),
    gouvernance.step_of(bigint, integer, text), gouvernance.declare_step(text, integer, text),
    gouvernance.reopen_step(text, integer, text), gouvernance.pass_stop(text, integer, text),
    gouvernance.withdraw_stop(text, integer, text), gouvernance.note_operation(text, text),
    gouvernance.set_freeze(text, text, boolean, text), gouvernance.finish_operation(text),
    gouvernance.abandon_operation(text, text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.active_restrictions() TO mlpp_gov_app, authenticated;
GRANT EXECUTE ON FUNCTION
    gouvernance.gate_approvals(text), gouvernance.operation_outlook(text),
    gouvernance.open_operation(text, text, text, text[], jsonb), gouvernance.start_operation(text),
    gouvernance.declare_step(text, integer, text), gouvernance.reopen_step(text, integer, text),
    gouvernance.pass_stop(text, integer, text), gouvernance.withdraw_stop(text, integer, text),
    gouvernance.note_operation(text, text), gouvernance.set_freeze(text, text, boolean, text),
    gouvernance.finish_operation(text), gouvernance.abandon_operation(text, text)
    TO authenticated;

-- The operation under way in production, as the tracker has it, once.
DO $$
DECLARE
    astm bigint;
BEGIN
    IF EXISTS (SELECT FROM gouvernance.operations WHERE code = 'ASTM53B') THEN
        RETURN;
    END IF;
    INSERT INTO gouvernance.operations (code, title, why, activities)
    VALUES (
        'ASTM53B',
        'Migration volumétrique ASTM 53B (gasoil)',
        'Écart volumétrique confirmé entre ML_PP et l’application de terrain ASTM : environ 50 à 70 L par'
        ' opération sur le gasoil. Périmètre : gasoil uniquement, 8 réceptions, 2 citernes. Deux sorties'
        ' dépendent du stock actuel. ML_PP devient la source officielle du calcul volumétrique.',
        '{Sorties}'
    )
    RETURNING id INTO astm;
    INSERT INTO gouvernance.operation_steps (operation, position, kind, title, requirement, computed)
    VALUES
        (astm, 1, 'step', 'Doc package créé', '', NULL),
        (astm, 2, 'step', 'Backup PROD effectué', 'Référence du backup', NULL),
        (astm, 3, 'step', 'BLOC 2, étape A : squelette moteur ASTM 53B', '', NULL),
        (astm, 4, 'step', 'BLOC 2, étape B : dataset golden ASTM 53B (structure + tests)', '', NULL),
        (astm, 5, 'step', 'BLOC 2, étape C : calibration moteur + formule ASTM 53B', '', NULL),
        (astm, 6, 'step', 'Golden dataset capturé (20–30 cas) + suite de tests verte', '', NULL),
        (astm, 7, 'stop', 'Rapport de simulation approuvé (8 réceptions)',
            'Un rapport entier (ni période, ni dépôt, ni citerne), approuvé et toujours à jour ; en preuve,'
            ' sa somme de contrôle et ce qui y a été vérifié.', 'simulation_approved'),
        (astm, 8, 'stop',
            'Aucune modification de la base avant backup complet et rapport de simulation validé',
            'La référence du backup complet, ce qui montre qu’il est lisible, et le rapport validé.',
            'simulation_approved'),
        (astm, 9, 'step', 'Migration exécutée + rebuild stock fait', '', NULL),
        (astm, 10, 'step', 'Sorties dégelées', '', 'nothing_frozen'),
        (astm, 11, 'step', 'Vérification post-migration (spot checks vs app ASTM)', '', NULL);
    INSERT INTO gouvernance.operation_log (operation, step, activity, kind, text, evidence, happened_on)
    SELECT astm, s.id, e.activity, e.kind, e.text, e.evidence, e.happened_on
    FROM (VALUES
        (1, NULL::integer, NULL::text, 'opened', '', '', NULL::date),
        (2, NULL, NULL, 'started', 'Statut du suivi : IN PROGRESS — PRE-BACKUP DOC', '', NULL),
        (3, NULL, 'Sorties', 'frozen',
            'Sorties gelées en exploitation contrôlée jusqu’à la fin de la migration.', '', '2026-02-21'),
        (4, 2, NULL, 'done', 'Pré-requis avant BLOC 2 (moteur ASTM 53B).',
            'backups/prod_pre_astm53b_20260221_2253_data.dump', '2026-02-21'),
        (5, 3, NULL, 'done', 'Le moteur lève encore UnimplementedError : aucune formule ASTM n’est utilisée'
            ' en PROD tant que les golden cases et les tolérances n’ont pas été validés.',
            'lib/core/volumetrics/astm53b_engine.dart', NULL),
        (6, 4, NULL, 'done', 'Valeurs encore placeholders ; calibration prévue à l’étape C.',
            E'lib/core/volumetrics/astm53b_golden_cases.dart\ntest/core/volumetrics/astm53b_golden_test.dart',
            NULL),
        (7, NULL, NULL, 'note', E'Ne pas valider de sorties pendant l’opération.\n'
            'Aucune mise à jour silencieuse ; logger l’événement global.'
            '\nSémantique : densite_a_15 est un misnomer actuel (stocke la densité observée, pas la'
            ' densité à 15 °C).', '', NULL)
    ) AS e (number, position, activity, kind, text, evidence, happened_on)
    LEFT JOIN gouvernance.operation_steps AS s ON s.operation = astm AND s.position = e.position
    ORDER BY e.number;
END
$$;
