-- A and B: a deployment, from its plan to its end.

-- Prepare a deployment: {"id"}. Refused while another one is open in that environment.
CREATE OR REPLACE FUNCTION gouvernance.open_deployment(
    p_release bigint, p_environment text, p_backup text, p_plan text, p_from timestamptz, p_to timestamptz
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who  gouvernance.release_actor := gouvernance.release_actor(
        'deploy:' || coalesce(p_environment, ''), 'admin', 'directeur'
    );
    made bigint;
BEGIN
    PERFORM gouvernance.one_release_act_at_a_time();
    INSERT INTO gouvernance.deployments
        (release, environment, kind, state, operator, operator_token, backup_reference, rollback_plan,
         window_from, window_to)
    VALUES (p_release, p_environment, 'deployment', 'preparation', who.person, who.token,
            coalesce(p_backup, ''), coalesce(p_plan, ''), p_from, p_to)
    RETURNING id INTO made;
    PERFORM gouvernance.note_release('deployment_opened', who, jsonb_build_object(
        'environment', p_environment, 'backup', p_backup, 'from', p_from, 'to', p_to
    ), p_release, made);
    RETURN jsonb_build_object('id', made);
EXCEPTION
    WHEN unique_violation THEN
        RETURN gouvernance.refuse_release('deployment_opened', who, (
            SELECT gouvernance.unmet('busy', format(
                'Le déploiement n° %s (%s) est déjà en cours dans cet environnement.', d.id, r.tag
            ))
            FROM gouvernance.deployments AS d JOIN gouvernance.releases AS r ON r.id = d.release
            WHERE d.environment = p_environment AND d.kind = 'deployment'
                AND d.state IN ('preparation', 'authorised', 'execution', 'validation')
        ), p_release);
    WHEN check_violation OR not_null_violation OR foreign_key_violation THEN
        RAISE EXCEPTION 'Donnez une release connue, staging ou production, et une fenêtre qui finit après '
            'son début.' USING ERRCODE = 'GV003';
END
$$;

-- Complete what a deployment in preparation says of itself.
CREATE OR REPLACE FUNCTION gouvernance.plan_deployment(
    p_deployment bigint, p_backup text, p_plan text, p_from timestamptz, p_to timestamptz
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who  gouvernance.release_actor := gouvernance.release_actor(
        gouvernance.deploy_scope(p_deployment), 'admin', 'directeur'
    );
    held gouvernance.deployments := gouvernance.hold_deployment(p_deployment);
BEGIN
    IF held.state <> 'preparation' THEN
        RETURN gouvernance.deployment_conflict('deployment_planned', who, held);
    END IF;
    UPDATE gouvernance.deployments SET
        backup_reference = coalesce(p_backup, ''), rollback_plan = coalesce(p_plan, ''),
        window_from = p_from, window_to = p_to
    WHERE id = held.id;
    PERFORM gouvernance.note_release('deployment_planned', who, jsonb_build_object(
        'backup', p_backup, 'plan', p_plan, 'from', p_from, 'to', p_to
    ), held.release, held.id);
    RETURN '{}';
EXCEPTION WHEN check_violation THEN
    RAISE EXCEPTION 'La fenêtre a un début et une fin, dans cet ordre ; la référence de la sauvegarde a au '
        'plus 500 caractères.' USING ERRCODE = 'GV003';
END
$$;

-- Authorise it, which who conducts it can't: A by an administrator (Release Manager) or the PCA, B by the
-- PCA or a directeur (« Autorité de décision »).
CREATE OR REPLACE FUNCTION gouvernance.authorise_deployment(p_deployment bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who   gouvernance.release_actor := gouvernance.release_actor(NULL, 'admin', 'directeur', 'pca');
    held  gouvernance.deployments := gouvernance.hold_deployment(p_deployment);
    unmet jsonb;
BEGIN
    PERFORM gouvernance.require_role(VARIADIC CASE held.environment
        WHEN 'staging' THEN ARRAY['admin', 'pca'] ELSE ARRAY['directeur', 'pca'] END);
    IF held.state <> 'preparation' THEN
        RETURN gouvernance.deployment_conflict('deployment_authorised', who, held);
    END IF;
    unmet := gouvernance.deployment_unmet(held.id);
    IF held.operator = who.person THEN
        unmet := unmet || gouvernance.unmet(
            'self', 'Vous conduisez ce déploiement : une autre personne l’autorise.'
        );
    END IF;
    IF unmet <> '[]' THEN
        RETURN gouvernance.refuse_release('deployment_authorised', who, unmet, held.release, held.id);
    END IF;
    UPDATE gouvernance.deployments SET
        state = 'authorised', authorised_by = who.person, authorised_role = who.role, authorised_at = now(),
        gate = (SELECT id FROM gouvernance.current_gate(held.release))
    WHERE id = held.id;
    -- What the system answers moves on: the gate is kept as it was read then.
    PERFORM gouvernance.note_release('deployment_authorised', who, jsonb_build_object('gate', (
        SELECT jsonb_agg(to_jsonb(c)) FROM gouvernance.gate_checklist(held.release, held.scenario) AS c
    )), held.release, held.id);
    RETURN '{}';
END
$$;

-- Start it, with the commit and the fingerprint of the configuration that are about to be deployed. What
-- the gate did not see makes it void; an authorisation whose gate no longer holds lapses.
CREATE OR REPLACE FUNCTION gouvernance.start_deployment(
    p_deployment bigint, p_commit text, p_configuration text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who       gouvernance.release_actor := gouvernance.release_actor(
        gouvernance.deploy_scope(p_deployment), 'admin', 'directeur'
    );
    held      gouvernance.deployments := gouvernance.hold_deployment(p_deployment);
    candidate gouvernance.releases;
    expected  text;
    unmet     jsonb;
BEGIN
    IF coalesce(p_commit, '') !~ '^[0-9a-f]{7,40}$' OR coalesce(p_configuration, '') !~ '^[0-9a-f]{8,64}$' THEN
        RAISE EXCEPTION 'Donnez le commit (7 à 40 chiffres hexadécimaux) et l’empreinte de la configuration '
            '(8 à 64).' USING ERRCODE = 'GV003';
    END IF;
    IF held.state NOT IN ('preparation', 'authorised') THEN
        RETURN gouvernance.deployment_conflict('deployment_started', who, held);
    END IF;
    SELECT * INTO candidate FROM gouvernance.releases WHERE id = held.release;
    SELECT configuration ->> held.environment INTO expected FROM gouvernance.current_gate(held.release);
    IF NOT gouvernance.same_commit(candidate.commit, p_commit) THEN
        PERFORM gouvernance.void_gate(held.release, who, 'code', format(
            'le commit à déployer est %s, pas %s', p_commit, candidate.commit
        ));
    ELSIF expected <> p_configuration THEN
        PERFORM gouvernance.void_gate(held.release, who, 'configuration', format(
            'la configuration de %s n’est plus celle du gate', held.environment
        ));
    END IF;
    unmet := gouvernance.deployment_unmet(held.id);
    IF held.state = 'preparation' THEN
        unmet := unmet || gouvernance.unmet('authorised', 'Personne n’a autorisé ce déploiement.');
    ELSIF NOT EXISTS (SELECT FROM gouvernance.current_gate(held.release) AS g WHERE g.id = held.gate) THEN
        unmet := unmet || gouvernance.unmet(
            'lapsed', 'L’autorisation est caduque : le gate sur lequel elle reposait ne vaut plus.'
        );
        UPDATE gouvernance.deployments SET
            state = 'preparation', gate = NULL, authorised_by = NULL, authorised_role = NULL,
            authorised_at = NULL
        WHERE id = held.id;
        PERFORM gouvernance.note_release('authorisation_lapsed', who, '{}', held.release, held.id);
    END IF;
    IF held.authorised_by = who.person THEN
        unmet := unmet || gouvernance.unmet(
            'self', 'Vous avez autorisé ce déploiement : une autre personne le conduit.'
        );
    END IF;
    IF held.window_from > now() THEN
        unmet := unmet || gouvernance.unmet('window_ahead', 'La fenêtre de maintenance n’est pas ouverte.');
    END IF;
    IF unmet <> '[]' THEN
        RETURN gouvernance.refuse_release('deployment_started', who, unmet, held.release, held.id);
    END IF;
    UPDATE gouvernance.deployments SET
        state = 'execution', started_at = now(), operator = who.person, operator_token = who.token
    WHERE id = held.id;
    PERFORM gouvernance.note_release('deployment_started', who, jsonb_build_object(
        'commit', p_commit, 'configuration', p_configuration
    ), held.release, held.id);
    RETURN '{}';
END
$$;

-- End a deployment that did not go well, in whatever state it is.
CREATE OR REPLACE FUNCTION gouvernance.end_badly(
    p_deployment bigint, p_who gouvernance.release_actor, p_why text
) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    ended gouvernance.deployments;
BEGIN
    UPDATE gouvernance.deployments SET
        state = CASE WHEN state IN ('preparation', 'authorised') THEN 'abandoned' ELSE 'failed' END,
        finished_at = now(), outcome = p_why
    WHERE id = p_deployment RETURNING * INTO ended;
    PERFORM gouvernance.note_release(
        CASE ended.state WHEN 'failed' THEN 'deployment_failed' ELSE 'deployment_abandoned' END,
        p_who, jsonb_build_object('why', p_why), ended.release, ended.id
    );
END
$$;

-- Report that a build or a deployment succeeded or failed. The second failure of either is the end; a
-- deployment that succeeded is to be validated.
CREATE OR REPLACE FUNCTION gouvernance.report_attempt(
    p_deployment bigint, p_step text, p_succeeded boolean, p_details text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who  gouvernance.release_actor := gouvernance.release_actor(
        gouvernance.deploy_scope(p_deployment), 'admin', 'directeur'
    );
    held gouvernance.deployments := gouvernance.hold_deployment(p_deployment);
BEGIN
    IF coalesce(p_step, '') NOT IN ('build', 'deploy') OR p_succeeded IS NULL
        OR length(p_details) > 4000 THEN
        RAISE EXCEPTION 'L’étape est build ou deploy, avec son résultat.' USING ERRCODE = 'GV003';
    END IF;
    IF held.state <> 'execution' THEN
        RETURN gouvernance.deployment_conflict('attempt', who, held);
    END IF;
    PERFORM gouvernance.note_release('attempt', who, jsonb_build_object(
        'step', p_step, 'succeeded', p_succeeded, 'details', coalesce(p_details, '')
    ), held.release, held.id);
    IF p_succeeded AND p_step = 'deploy' THEN
        UPDATE gouvernance.deployments SET state = 'validation', deployed_at = now() WHERE id = held.id;
    ELSIF NOT p_succeeded AND (
        SELECT count(*) FROM gouvernance.release_events
        WHERE deployment = held.id AND kind = 'attempt' AND NOT refused
            AND details @> jsonb_build_object('step', p_step, 'succeeded', false)
    ) >= 2 THEN
        PERFORM gouvernance.end_badly(held.id, who, CASE p_step
            WHEN 'build' THEN 'Deux builds ont échoué.' ELSE 'Deux déploiements ont échoué.' END);
    END IF;
    RETURN '{}';
END
$$;

-- Answer an item of a deployment: preparation before it is authorised, smoke tests once it is deployed. A
-- critical smoke test that fails is the end.
CREATE OR REPLACE FUNCTION gouvernance.answer_deployment(
    p_deployment bigint, p_item text, p_verdict text, p_evidence text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who     gouvernance.release_actor := gouvernance.release_actor(
        gouvernance.deploy_scope(p_deployment), 'admin', 'directeur'
    );
    held    gouvernance.deployments := gouvernance.hold_deployment(p_deployment);
    asked   gouvernance.checklist_items;
    refusal text;
BEGIN
    SELECT * INTO asked FROM gouvernance.checklist_items
    WHERE code = p_item AND list IN ('preparation', 'smoke') AND held.scenario = ANY (scenarios);
    refusal := CASE WHEN p_verdict = 'conditional' THEN 'Ici, c’est ✅ ou ❌.' ELSE
        gouvernance.answer_refusal(asked.list, p_item, p_verdict, p_evidence, NULL, NULL, who.token) END;
    IF asked.code IS NULL OR refusal IS NOT NULL THEN
        RAISE EXCEPTION '%', coalesce(refusal, 'Point de contrôle inconnu.') USING ERRCODE = 'GV003';
    END IF;
    IF (asked.list, held.state) NOT IN (('preparation', 'preparation'), ('smoke', 'validation')) THEN
        RETURN gouvernance.deployment_conflict('deployment_answered', who, held);
    END IF;
    INSERT INTO gouvernance.checklist_answers (deployment, item, verdict, evidence, person, role, token)
    VALUES (held.id, p_item, p_verdict, coalesce(p_evidence, ''), who.person, who.role, who.token);
    PERFORM gouvernance.note_release('deployment_answered', who, jsonb_build_object(
        'item', p_item, 'verdict', p_verdict
    ), held.release, held.id);
    IF asked.critical AND p_verdict = 'no' THEN
        PERFORM gouvernance.end_badly(held.id, who, 'Smoke test critique : ' || asked.label || '.');
    END IF;
    RETURN '{}';
END
$$;

-- Report what the watch over production shows; beyond the criteria of abandonment it is the end.
CREATE OR REPLACE FUNCTION gouvernance.report_watch(
    p_deployment bigint, p_error_percent numeric, p_unavailable_minutes numeric, p_note text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who         gouvernance.release_actor := gouvernance.release_actor(
        gouvernance.deploy_scope(p_deployment), 'admin', 'directeur'
    );
    held        gouvernance.deployments := gouvernance.hold_deployment(p_deployment);
    unavailable numeric;
BEGIN
    IF held.state <> 'validation' OR held.environment <> 'production' THEN
        RETURN gouvernance.deployment_conflict('watched', who, held);
    END IF;
    INSERT INTO gouvernance.watch_readings
        (deployment, error_percent, unavailable_minutes, note, person, role, token)
    VALUES (held.id, p_error_percent, p_unavailable_minutes, coalesce(p_note, ''), who.person, who.role,
            who.token);
    PERFORM gouvernance.note_release('watched', who, jsonb_build_object(
        'error_percent', p_error_percent, 'unavailable_minutes', p_unavailable_minutes
    ), held.release, held.id);
    SELECT sum(unavailable_minutes) INTO unavailable
    FROM gouvernance.watch_readings WHERE deployment = held.id;
    IF p_error_percent > 5 THEN
        PERFORM gouvernance.end_badly(held.id, who, format(
            'Taux d’erreur de %s %%, plus de 5.', replace(trim_scale(p_error_percent)::text, '.', ',')
        ));
    ELSIF unavailable > 5 THEN
        PERFORM gouvernance.end_badly(held.id, who, format(
            'Indisponible %s minutes en tout, plus de 5.', replace(trim_scale(unavailable)::text, '.', ',')
        ));
    END IF;
    RETURN '{}';
EXCEPTION WHEN check_violation OR not_null_violation THEN
    RAISE EXCEPTION 'Le taux d’erreur va de 0 à 100 %%, l’indisponibilité de 0 à 1 440 minutes.'
        USING ERRCODE = 'GV003';
END
$$;

-- Record an incident, however small. A critical one ends the deployment of production under watch.
CREATE OR REPLACE FUNCTION gouvernance.declare_incident(
    p_environment text, p_severity text, p_description text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who     gouvernance.release_actor := gouvernance.release_actor(
        'deploy:' || coalesce(p_environment, ''), 'admin', 'directeur', 'pca'
    );
    watched gouvernance.deployments;
    made    bigint;
BEGIN
    PERFORM gouvernance.one_release_act_at_a_time();
    SELECT * INTO watched FROM gouvernance.running(p_environment);
    INSERT INTO gouvernance.release_incidents
        (environment, deployment, severity, description, person, role, token)
    VALUES (p_environment, watched.id, p_severity, p_description, who.person, who.role, who.token)
    RETURNING id INTO made;
    PERFORM gouvernance.note_release('incident', who, jsonb_build_object(
        'environment', p_environment, 'severity', p_severity, 'description', p_description
    ), watched.release, watched.id);
    IF p_severity = 'critical' AND p_environment = 'production' AND watched.state = 'validation' THEN
        PERFORM gouvernance.end_badly(watched.id, who, 'Incident critique pendant la surveillance.');
    END IF;
    RETURN jsonb_build_object('id', made);
EXCEPTION WHEN check_violation OR not_null_violation THEN
    RAISE EXCEPTION 'Donnez l’environnement, la gravité (minor, major, critical) et ce qui s’est passé.'
        USING ERRCODE = 'GV003';
END
$$;

-- Whether the gate that a deployment stood on was voided, and what people and the CI answered to a newer one
-- does not hold either. What the system answers moves while a deployment is under way.
CREATE OR REPLACE FUNCTION gouvernance.gate_is_lost(p_deployment gouvernance.deployments) RETURNS boolean
LANGUAGE sql STABLE SET search_path = ''
RETURN EXISTS (SELECT FROM gouvernance.gate_voids WHERE gate = p_deployment.gate) AND (
    NOT EXISTS (SELECT FROM gouvernance.current_gate(p_deployment.release))
    OR EXISTS (
        SELECT FROM gouvernance.gate_checklist(p_deployment.release, p_deployment.scenario)
        WHERE blocks AND NOT computed
    )
);

-- What keeps a deployment that is being validated from being a success: [{code, said}].
CREATE OR REPLACE FUNCTION gouvernance.success_unmet(p_deployment bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT coalesce((
            SELECT jsonb_agg(jsonb_build_object('code', c.code, 'said', c.label || ' : ' || CASE c.verdict
                WHEN 'missing' THEN 'sans réponse.' ELSE 'pas ✅.' END))
            FROM gouvernance.deployment_checklist(d.id, 'smoke') AS c
            WHERE c.verdict <> 'ok' AND (d.kind = 'deployment' OR c.critical)
        ), '[]')
        || coalesce((
            SELECT jsonb_agg(jsonb_build_object('code', code, 'said', said))
            FROM (VALUES
                ('gate_void', 'Le gate est devenu nul pendant le déploiement : il en faut un nouveau, ou un '
                    || 'retour en arrière.',
                    d.kind = 'deployment' AND gouvernance.gate_is_lost(d)),
                ('watch', format('La surveillance dure 2 h : encore %s min.',
                    ceil(extract(epoch FROM d.deployed_at + interval '2 hours' - now()) / 60)),
                    d.kind = 'deployment' AND d.environment = 'production'
                    AND now() < d.deployed_at + interval '2 hours'),
                ('watch_reading', 'Aucun relevé de surveillance depuis 1 h 45 après la mise en production.',
                    d.kind = 'deployment' AND d.environment = 'production' AND NOT EXISTS (
                        SELECT FROM gouvernance.watch_readings AS w
                        WHERE w.deployment = d.id AND w.at >= d.deployed_at + interval '105 minutes'
                    ))
            ) AS v (code, said, missing)
            WHERE missing
        ), '[]')
    FROM gouvernance.deployments AS d WHERE d.id = p_deployment
$$;

-- Declare a success, when all of it is.
CREATE OR REPLACE FUNCTION gouvernance.succeed_deployment(p_deployment bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who   gouvernance.release_actor := gouvernance.release_actor(
        gouvernance.deploy_scope(p_deployment), 'admin', 'directeur'
    );
    held  gouvernance.deployments := gouvernance.hold_deployment(p_deployment);
    unmet jsonb;
BEGIN
    IF held.state <> 'validation' THEN
        RETURN gouvernance.deployment_conflict('deployment_succeeded', who, held);
    END IF;
    unmet := gouvernance.success_unmet(held.id);
    IF unmet <> '[]' THEN
        RETURN gouvernance.refuse_release('deployment_succeeded', who, unmet, held.release, held.id);
    END IF;
    UPDATE gouvernance.deployments SET state = 'success', finished_at = now() WHERE id = held.id;
    PERFORM gouvernance.note_release('deployment_succeeded', who, '{}', held.release, held.id);
    IF held.kind = 'rollback' THEN
        UPDATE gouvernance.deployments SET state = 'rolled_back' WHERE id = held.replaces;
    END IF;
    RETURN '{}';
END
$$;

-- Give a deployment up, with the reason.
CREATE OR REPLACE FUNCTION gouvernance.fail_deployment(p_deployment bigint, p_why text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who  gouvernance.release_actor := gouvernance.release_actor(
        gouvernance.deploy_scope(p_deployment), 'admin', 'directeur'
    );
    held gouvernance.deployments := gouvernance.hold_deployment(p_deployment);
BEGIN
    IF coalesce(p_why, '') !~ '\S{3}' OR length(p_why) > 4000 THEN
        RAISE EXCEPTION 'Dites pourquoi.' USING ERRCODE = 'GV003';
    END IF;
    IF held.state NOT IN ('preparation', 'authorised', 'execution', 'validation') THEN
        RETURN gouvernance.deployment_conflict('deployment_failed', who, held);
    END IF;
    PERFORM gouvernance.end_badly(held.id, who, p_why);
    RETURN '{}';
END
$$;

-- Add to the history of a deployment what is to be said otherwise; nothing written before changes.
CREATE OR REPLACE FUNCTION gouvernance.correct_deployment(p_deployment bigint, p_text text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who  gouvernance.release_actor := gouvernance.release_actor(
        gouvernance.deploy_scope(p_deployment), 'admin', 'directeur', 'pca'
    );
    held gouvernance.deployments := gouvernance.hold_deployment(p_deployment);
BEGIN
    IF coalesce(p_text, '') !~ '\S{3}' OR length(p_text) > 4000 THEN
        RAISE EXCEPTION 'Une rectification a de 3 à 4 000 caractères.' USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.note_release(
        'correction', who, jsonb_build_object('text', p_text), held.release, held.id
    );
    RETURN '{}';
END
$$;
