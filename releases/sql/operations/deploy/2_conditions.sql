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
