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
