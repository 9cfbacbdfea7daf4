-- Scenarios A (staging), B (production) and C (freeze), as state machines: what each act needs, and what
-- becomes of it. Every refusal names all that is missing, and is recorded.
--
-- All the acts below return {"id"} or {} when done, {"refused": [{code, said}]} when a condition does not
-- hold, {"conflict": {state, person, at}} when somebody was faster. They raise GV003 for what can't be
-- asked, GV004 for who may not ask.

-- What an item that the system answers itself says of a release, for a scenario; NULL for one that people
-- answer.
CREATE OR REPLACE FUNCTION gouvernance.computed_item(
    p_item text, p_release bigint, p_scenario text, OUT verdict text, OUT said text
) LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    found_release gouvernance.releases;
    night         record;
    found_row     record;
    nights_asked  integer := CASE p_scenario WHEN 'B' THEN 2 ELSE 1 END;
BEGIN
    verdict := 'no';
    SELECT * INTO found_release FROM gouvernance.releases WHERE id = p_release;
    CASE p_item
    WHEN 'git_tag' THEN  -- register_release() took it
        verdict := 'ok';
        said := format('%s sur %s', found_release.tag, found_release.commit);
    WHEN 'ci_nightly' THEN
        SELECT * INTO night FROM gouvernance.green_nights(found_release.commit);
        said := format(
            '%s cycle(s) vert(s) de suite sur main, %s demandé(s)%s%s', night.nights, nights_asked,
            CASE WHEN night.last_at < now() - interval '36 hours' THEN ' ; le dernier a plus de 36 h' END,
            CASE WHEN NOT night.commit_tested THEN ' ; aucun sur ce commit' END
        );
        IF night.nights >= nights_asked AND night.commit_tested AND night.last_at >= now() - interval '36 hours' THEN
            verdict := 'ok';
        END IF;
    WHEN 'docs_post_mortem' THEN
        SELECT count(*) AS owed, min(due_on) AS due_on INTO found_row FROM gouvernance.post_mortems_owed();
        said := CASE found_row.owed
            WHEN 0 THEN 'aucun dû'
            ELSE format('%s post-mortem à remplir, pour le %s', found_row.owed, gouvernance.jour(found_row.due_on))
        END;
        IF found_row.owed = 0 THEN
            verdict := 'ok';
        END IF;
    WHEN 'security_rls' THEN
        SELECT a.at, a.failing, a.public_policies INTO found_row
        FROM gouvernance.rls_audits AS a ORDER BY a.at DESC, a.id DESC LIMIT 1;
        IF NOT FOUND THEN
            said := 'inconnu : aucun audit enregistré';
        ELSE
            said := format(
                '%s écart(s), %s policy {public}, audit du %s%s', found_row.failing,
                found_row.public_policies, to_char(found_row.at AT TIME ZONE 'UTC', 'DD/MM/YYYY HH24:MI "UTC"'),
                CASE WHEN found_row.at < now() - interval '48 hours' THEN ' : plus de 48 h' END
            );
            IF found_row.failing = 0 AND found_row.public_policies = 0
                AND found_row.at >= now() - interval '48 hours' THEN
                verdict := 'ok';
            END IF;
        END IF;
    WHEN 'system_contract' THEN
        SELECT c.at, cardinality(c.differences) AS differences INTO found_row
        FROM gouvernance.contract_checks AS c ORDER BY c.id DESC LIMIT 1;
        IF NOT FOUND OR found_row.at < now() - interval '1 hour' THEN
            said := 'inconnu : aucune vérification depuis une heure';
        ELSIF found_row.differences = 0 THEN
            verdict := 'ok';
            said := 'conforme';
        ELSE
            said := format('%s objet(s) non conforme(s) : contract status les nomme', found_row.differences);
        END IF;
    WHEN 'system_critical' THEN
        SELECT
            count(*) FILTER (WHERE a.status = 'OPEN') AS open,
            count(*) FILTER (WHERE a.status = 'ACK') AS handled,
            (SELECT max(finished_at) FROM gouvernance.sync_runs) AS evaluated_at
        INTO found_row
        FROM public.system_alerts AS a WHERE a.severity = 'CRITICAL' AND a.status IN ('OPEN', 'ACK');
        IF coalesce(found_row.evaluated_at < now() - interval '1 hour', true) THEN
            said := 'inconnu : aucune évaluation depuis une heure';
        ELSE
            -- An acknowledged one is in somebody's hands; its fix may be this release.
            verdict := CASE
                WHEN found_row.open > 0 THEN 'no' WHEN found_row.handled > 0 THEN 'conditional' ELSE 'ok'
            END;
            said := format('%s ouverte(s), %s acquittée(s)', found_row.open, found_row.handled);
        END IF;
    WHEN 'system_freeze' THEN
        SELECT f.reason INTO found_row FROM gouvernance.freezes AS f WHERE f.ended_at IS NULL;
        IF FOUND THEN
            said := format('gel en cours : %s', found_row.reason);
        ELSE
            verdict := 'ok';
            said := 'aucun';
        END IF;
    WHEN 'system_soak' THEN
        SELECT * INTO found_row FROM gouvernance.soak(p_release);
        IF found_row.since <= now() - interval '48 hours' THEN
            verdict := 'ok';
        END IF;
        said := found_row.said;
    ELSE
        verdict := NULL;
    END CASE;
END
$$;

-- Since when a release runs in staging without incident; NULL when it does not.
CREATE OR REPLACE FUNCTION gouvernance.soak(p_release bigint, OUT since timestamptz, OUT said text)
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    running  gouvernance.deployments;
    incident timestamptz;
BEGIN
    SELECT * INTO running FROM gouvernance.running('staging');
    IF running.id IS NULL OR running.release <> p_release OR running.state <> 'success' THEN
        said := 'aucun déploiement réussi de cette release en staging';
        RETURN;
    END IF;
    SELECT max(at) INTO incident FROM gouvernance.release_incidents
    WHERE environment = 'staging' AND at >= running.deployed_at;
    since := greatest(running.finished_at, incident);
    said := format(
        CASE
            WHEN incident >= running.finished_at THEN '%s h depuis le dernier incident, 48 demandées'
            ELSE '%s h en staging, 48 demandées'
        END,
        floor(extract(epoch FROM now() - since) / 3600)
    );
END
$$;

-- What runs in an environment: the last deployment whose code got there and was not taken back.
CREATE OR REPLACE FUNCTION gouvernance.running(p_environment text) RETURNS gouvernance.deployments
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT * FROM gouvernance.deployments
    WHERE environment = p_environment AND deployed_at IS NOT NULL AND state <> 'rolled_back'
    ORDER BY deployed_at DESC, id DESC LIMIT 1
$$;

-- Post-mortems that are not wholly written yet.
CREATE OR REPLACE FUNCTION gouvernance.post_mortems_owed() RETURNS SETOF gouvernance.post_mortems
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT p.* FROM gouvernance.post_mortems AS p
    WHERE NOT coalesce((
        SELECT v.complete FROM gouvernance.post_mortem_versions AS v
        WHERE v.post_mortem = p.id ORDER BY v.id DESC LIMIT 1
    ), false)
$$;

-- The checklist of the gate for a scenario, item by item; `blocks` when it keeps the scenario back.
CREATE OR REPLACE FUNCTION gouvernance.gate_checklist(p_release bigint, p_scenario text)
RETURNS TABLE (
    code text, section text, label text, computed boolean, verdict text, evidence text, conditions text,
    re_evaluate_on date, person uuid, role text, token bigint, at timestamptz, blocks boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT i.code, i.section, i.label, i.computed, state.verdict, coalesce(c.said, a.evidence), a.conditions,
        a.re_evaluate_on, a.person, a.role, a.token, a.at, state.verdict NOT IN ('ok', 'conditional')
    FROM gouvernance.checklist_items AS i
    LEFT JOIN LATERAL (
        SELECT answer.*
        FROM gouvernance.current_gate(p_release) AS g
        JOIN gouvernance.checklist_answers AS answer ON answer.gate = g.id AND answer.item = i.code
        ORDER BY answer.id DESC LIMIT 1
    ) AS a ON NOT i.computed
    CROSS JOIN LATERAL gouvernance.computed_item(i.code, p_release, p_scenario) AS c
    CROSS JOIN LATERAL (SELECT CASE
        WHEN i.computed THEN c.verdict
        WHEN a.id IS NULL THEN 'missing'
        WHEN a.re_evaluate_on < (now() AT TIME ZONE 'UTC')::date THEN 'expired'
        ELSE a.verdict
    END AS verdict) AS state
    WHERE i.list = 'gate' AND p_scenario = ANY (i.scenarios)
    ORDER BY i.position
$$;

-- The same for a deployment's own lists.
CREATE OR REPLACE FUNCTION gouvernance.deployment_checklist(p_deployment bigint, p_list text)
RETURNS TABLE (
    code text, section text, label text, critical boolean, verdict text, evidence text, conditions text,
    re_evaluate_on date, person uuid, role text, token bigint, at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT i.code, i.section, i.label, i.critical, coalesce(a.verdict, 'missing'), a.evidence, a.conditions,
        a.re_evaluate_on, a.person, a.role, a.token, a.at
    FROM gouvernance.deployments AS d
    JOIN gouvernance.checklist_items AS i ON i.list = p_list AND d.scenario = ANY (i.scenarios)
    LEFT JOIN LATERAL (
        SELECT answer.* FROM gouvernance.checklist_answers AS answer
        WHERE answer.deployment = d.id AND answer.item = i.code
        ORDER BY answer.id DESC LIMIT 1
    ) AS a ON true
    WHERE d.id = p_deployment
    ORDER BY i.position
$$;

-- What keeps a scenario back as far as the gate goes: [{code, said}].
CREATE OR REPLACE FUNCTION gouvernance.gate_unmet(p_release bigint, p_scenario text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT
        CASE
            WHEN NOT EXISTS (SELECT FROM gouvernance.current_gate(p_release))
            THEN gouvernance.unmet('no_gate', coalesce((
                SELECT 'Nouveau Release Gate requis : le dernier est nul (' || v.reason || ').'
                FROM gouvernance.gates AS g JOIN gouvernance.gate_voids AS v ON v.gate = g.id
                WHERE g.release = p_release ORDER BY g.id DESC LIMIT 1
            ), 'Aucun Release Gate ouvert pour cette release.'))
            ELSE '[]'
        END || coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'said', format(
            '%s : %s.', c.label, CASE c.verdict
                WHEN 'missing' THEN 'sans réponse'
                WHEN 'expired' THEN format('🟡 à réévaluer depuis le %s', gouvernance.jour(c.re_evaluate_on))
                ELSE '❌ ' || coalesce(nullif(c.evidence, ''), 'sans motif')
            END
        ))) FILTER (WHERE c.blocks), '[]')
    FROM gouvernance.gate_checklist(p_release, p_scenario) AS c
$$;

-- All that keeps a deployment from being authorised, or from starting: [{code, said}].
CREATE OR REPLACE FUNCTION gouvernance.deployment_unmet(p_deployment bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT gouvernance.gate_unmet(d.release, d.scenario)
        || coalesce((
            SELECT jsonb_agg(jsonb_build_object('code', c.code, 'said', c.label || ' : ' || CASE c.verdict
                WHEN 'missing' THEN 'sans réponse.' ELSE 'pas ✅.' END))
            FROM gouvernance.deployment_checklist(d.id, 'preparation') AS c WHERE c.verdict <> 'ok'
        ), '[]')
        || coalesce((
            SELECT jsonb_agg(jsonb_build_object('code', code, 'said', said))
            FROM (VALUES
                ('configuration', 'L’empreinte de la configuration de cet environnement manque au gate.',
                    EXISTS (
                        SELECT FROM gouvernance.current_gate(d.release) AS g
                        WHERE NOT g.configuration ? d.environment
                    )),
                ('backup', 'La référence de la sauvegarde manque.',
                    d.environment = 'production' AND d.backup_reference !~ '\S'),
                ('rollback_plan', 'Le plan de retour en arrière manque.',
                    d.environment = 'production' AND d.rollback_plan !~ '\S'),
                ('window', 'La fenêtre de maintenance manque.',
                    d.environment = 'production' AND d.window_from IS NULL),
                ('window_over', 'La fenêtre de maintenance est passée.', coalesce(d.window_to <= now(), false))
            ) AS v (code, said, missing)
            WHERE missing
        ), '[]')
    FROM gouvernance.deployments AS d WHERE d.id = p_deployment
$$;

-- Find and hold a deployment. Raises GV003 when there is none.
CREATE OR REPLACE FUNCTION gouvernance.hold_deployment(p_deployment bigint) RETURNS gouvernance.deployments
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    found_row gouvernance.deployments;
BEGIN
    PERFORM gouvernance.one_release_act_at_a_time();
    SELECT * INTO found_row FROM gouvernance.deployments WHERE id = p_deployment FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Déploiement inconnu.' USING ERRCODE = 'GV003';
    END IF;
    RETURN found_row;
END
$$;

-- The environment of a deployment, to know which token may act on it; NULL for an unknown one.
CREATE OR REPLACE FUNCTION gouvernance.deploy_scope(p_deployment bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = ''
RETURN coalesce(
    (SELECT 'deploy:' || environment FROM gouvernance.deployments WHERE id = p_deployment), 'deploy'
);

-- Somebody was faster: say what became of it, by whom and when.
CREATE OR REPLACE FUNCTION gouvernance.deployment_conflict(
    p_kind text, p_who gouvernance.release_actor, p_deployment gouvernance.deployments
) RETURNS jsonb
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    last_event gouvernance.release_events;
BEGIN
    SELECT * INTO last_event FROM gouvernance.release_events
    WHERE deployment = p_deployment.id AND NOT refused ORDER BY id DESC LIMIT 1;
    PERFORM gouvernance.refuse_release(
        p_kind, p_who, gouvernance.unmet('state', 'L’état du déploiement ne le permet plus : ' || p_deployment.state),
        p_deployment.release, p_deployment.id
    );
    RETURN jsonb_build_object('conflict', jsonb_build_object(
        'state', p_deployment.state, 'person', last_event.person, 'at', last_event.at
    ));
END
$$;

-- --- A and B ---------------------------------------------------------------------------------------

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

-- --- C ---------------------------------------------------------------------------------------------

-- Begin a freeze on a release whose gate holds: {"id"}. What is under way goes on, and is marked.
CREATE OR REPLACE FUNCTION gouvernance.begin_freeze(p_release bigint, p_reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who    gouvernance.release_actor := gouvernance.release_actor(NULL, 'admin', 'pca');
    unmet  jsonb;
    active gouvernance.freezes;
    made   bigint;
BEGIN
    IF coalesce(p_reason, '') !~ '\S{3}' OR length(p_reason) > 4000 THEN
        RAISE EXCEPTION 'Un gel demande sa raison.' USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.one_release_act_at_a_time();
    IF NOT EXISTS (SELECT FROM gouvernance.releases WHERE id = p_release) THEN
        RAISE EXCEPTION 'Release inconnue.' USING ERRCODE = 'GV003';
    END IF;
    SELECT * INTO active FROM gouvernance.freezes WHERE ended_at IS NULL;
    IF FOUND THEN
        PERFORM gouvernance.refuse_release(
            'freeze_began', who, gouvernance.unmet('frozen', 'Un gel est déjà en cours.'), p_release
        );
        RETURN jsonb_build_object('conflict', jsonb_build_object(
            'state', 'frozen', 'person', active.began_by, 'at', active.began_at
        ));
    END IF;
    unmet := gouvernance.gate_unmet(p_release, 'C');
    IF unmet <> '[]' THEN
        RETURN gouvernance.refuse_release('freeze_began', who, unmet, p_release);
    END IF;
    INSERT INTO gouvernance.freezes (release, gate, reason, began_by, began_role)
    SELECT p_release, g.id, p_reason, who.person, who.role FROM gouvernance.current_gate(p_release) AS g
    RETURNING id INTO made;
    PERFORM gouvernance.note_release(
        'freeze_began', who, jsonb_build_object('reason', p_reason), p_release, NULL, made
    );
    UPDATE gouvernance.deployments SET freeze_id = made WHERE state IN ('execution', 'validation');
    RETURN jsonb_build_object('id', made);
END
$$;

-- End the freeze: {"gate_held"}. Planned, by who may begin one; for an urgent fix, by a directeur too, so
-- that whoever handles an incident is not locked out. Either way A and B ask what they always ask, and a
-- gate that no longer holds is void.
CREATE OR REPLACE FUNCTION gouvernance.end_freeze(p_for text, p_why text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who    gouvernance.release_actor := gouvernance.release_actor(NULL, 'admin', 'directeur', 'pca');
    active gouvernance.freezes;
    held   boolean;
BEGIN
    IF coalesce(p_for, '') NOT IN ('planned', 'urgent_fix') OR coalesce(p_why, '') !~ '\S{3}'
        OR length(p_why) > 4000 THEN
        RAISE EXCEPTION 'Dites pourquoi le gel finit : comme prévu, ou pour un correctif urgent.'
            USING ERRCODE = 'GV003';
    END IF;
    IF p_for = 'planned' THEN
        PERFORM gouvernance.require_role('admin', 'pca');
    END IF;
    PERFORM gouvernance.one_release_act_at_a_time();
    SELECT * INTO active FROM gouvernance.freezes WHERE ended_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        SELECT * INTO active FROM gouvernance.freezes ORDER BY id DESC LIMIT 1;
        PERFORM gouvernance.refuse_release(
            'freeze_ended', who, gouvernance.unmet('not_frozen', 'Aucun gel n’est en cours.'), active.release
        );
        RETURN jsonb_build_object('conflict', jsonb_build_object(
            'state', 'not_frozen', 'person', active.ended_by, 'at', active.ended_at
        ));
    END IF;
    held := gouvernance.gate_unmet(active.release, 'C') = '[]'
        AND EXISTS (SELECT FROM gouvernance.current_gate(active.release) AS g WHERE g.id = active.gate);
    IF NOT held THEN
        PERFORM gouvernance.void_gate(
            active.release, who, 'code', 'à la sortie du gel, il ne tenait plus'
        );
    END IF;
    UPDATE gouvernance.freezes SET
        ended_at = now(), ended_by = who.person, ended_role = who.role, ended_for = p_for,
        ended_why = p_why, gate_held = held
    WHERE id = active.id;
    PERFORM gouvernance.note_release('freeze_ended', who, jsonb_build_object(
        'for', p_for, 'why', p_why, 'gate_held', held
    ), active.release, NULL, active.id);
    RETURN jsonb_build_object('gate_held', held);
END
$$;

-- --- Rollback --------------------------------------------------------------------------------------

-- What a rollback takes back: a deployment that was tried and did not get there, after which nobody knows
-- what is there; or else what runs.
CREATE OR REPLACE FUNCTION gouvernance.to_take_back(p_environment text) RETURNS gouvernance.deployments
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT * FROM (
        SELECT present.* FROM gouvernance.running(p_environment) AS present WHERE present.id IS NOT NULL
        UNION ALL
        SELECT d.*
        FROM gouvernance.running(p_environment) AS present
        JOIN gouvernance.deployments AS d
            ON d.environment = p_environment AND d.started_at > present.deployed_at
        WHERE d.kind = 'deployment' AND d.state IN ('execution', 'failed') AND d.deployed_at IS NULL AND EXISTS (
            SELECT FROM gouvernance.release_events AS e
            WHERE e.deployment = d.id AND e.kind = 'attempt' AND NOT e.refused
                AND e.details ->> 'step' = 'deploy'
        )
    ) AS found
    ORDER BY started_at DESC, id DESC LIMIT 1
$$;

-- The deployment to go back to: the last success before what is taken back, of another release, that was
-- not taken back itself. Not the last tag. NULL when there is none.
CREATE OR REPLACE FUNCTION gouvernance.rollback_target(p_environment text) RETURNS gouvernance.deployments
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT d.*
    FROM gouvernance.to_take_back(p_environment) AS present, gouvernance.running(p_environment) AS seen,
        gouvernance.deployments AS d
    WHERE CASE
        WHEN present.deployed_at IS NULL AND seen.state = 'success' THEN d.id = seen.id
        ELSE d.environment = p_environment AND d.state = 'success' AND d.kind = 'deployment'
            AND d.release <> present.release AND d.deployed_at < coalesce((
                -- after a rollback: before what that one went back to
                SELECT max(origin.deployed_at) FROM gouvernance.deployments AS origin
                WHERE present.kind = 'rollback' AND origin.kind = 'deployment' AND origin.state = 'success'
                    AND origin.environment = p_environment AND origin.release = present.release
            ), present.deployed_at, 'infinity')
    END
    ORDER BY d.deployed_at DESC, d.id DESC LIMIT 1
$$;

-- Begin a rollback: {"id"}. It needs a reason, and nothing else: no gate, no freeze holds it up. In
-- production a post-mortem is owed from that moment, within five days.
CREATE OR REPLACE FUNCTION gouvernance.begin_rollback(p_environment text, p_reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who     gouvernance.release_actor := gouvernance.release_actor(
        'deploy:' || coalesce(p_environment, ''), 'admin', 'directeur'
    );
    present gouvernance.deployments;
    target  gouvernance.deployments;
    made    bigint;
BEGIN
    IF coalesce(p_environment, '') NOT IN ('staging', 'production') OR coalesce(p_reason, '') !~ '\S{3}'
        OR length(p_reason) > 4000 THEN
        RAISE EXCEPTION 'Un retour en arrière demande son environnement et sa raison.'
            USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.one_release_act_at_a_time();
    SELECT * INTO present FROM gouvernance.to_take_back(p_environment);
    SELECT * INTO target FROM gouvernance.rollback_target(p_environment);
    IF target.id IS NULL THEN
        RETURN gouvernance.refuse_release('rollback_began', who, gouvernance.unmet(
            'no_target', 'Aucune release précédente n’a réussi dans cet environnement.'
        ), present.release, present.id);
    END IF;
    INSERT INTO gouvernance.deployments
        (release, environment, kind, state, replaces, reason, operator, operator_token, started_at)
    VALUES (target.release, p_environment, 'rollback', 'execution', present.id, p_reason, who.person,
            who.token, now())
    RETURNING id INTO made;
    IF present.state IN ('execution', 'validation') THEN
        PERFORM gouvernance.end_badly(present.id, who, 'Retour en arrière : ' || p_reason);
    END IF;
    PERFORM gouvernance.note_release('rollback_began', who, jsonb_build_object(
        'reason', p_reason, 'replaces', present.id
    ), target.release, made);
    IF p_environment = 'production' THEN
        INSERT INTO gouvernance.post_mortems (rollback, due_on)
        VALUES (made, (now() AT TIME ZONE 'UTC')::date + 5);
    END IF;
    RETURN jsonb_build_object('id', made);
EXCEPTION WHEN unique_violation THEN
    RETURN gouvernance.refuse_release('rollback_began', who, gouvernance.unmet(
        'busy', 'Un retour en arrière est déjà en cours dans cet environnement.'
    ));
END
$$;

-- Write a version of a post-mortem: {"complete"}. Sections may be left for later; it is owed until none is.
-- p_seen is the version that the writer started from (0 for none): a later one is a conflict, so that of
-- two who write at once neither covers the other. Without it nobody is asked.
DROP FUNCTION IF EXISTS gouvernance.write_post_mortem(bigint, jsonb);  -- as it was before p_seen
CREATE OR REPLACE FUNCTION gouvernance.write_post_mortem(
    p_post_mortem bigint, p_sections jsonb, p_seen bigint DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who     gouvernance.release_actor := gouvernance.release_actor(NULL, 'admin', 'directeur', 'pca');
    latest  gouvernance.post_mortem_versions;
    written gouvernance.post_mortem_versions;
BEGIN
    PERFORM gouvernance.one_release_act_at_a_time();
    SELECT * INTO latest FROM gouvernance.post_mortem_versions
    WHERE post_mortem = p_post_mortem ORDER BY id DESC LIMIT 1;
    IF latest.id > p_seen THEN
        PERFORM gouvernance.refuse_release(
            'post_mortem_written', who,
            gouvernance.unmet('state', 'Une version plus récente a été enregistrée entre-temps.'), d.release, d.id
        )
        FROM gouvernance.post_mortems AS p JOIN gouvernance.deployments AS d ON d.id = p.rollback
        WHERE p.id = p_post_mortem;
        RETURN jsonb_build_object('conflict', jsonb_build_object(
            'state', 'newer_version', 'person', latest.person, 'at', latest.at
        ));
    END IF;
    INSERT INTO gouvernance.post_mortem_versions
        (post_mortem, person, role, context, symptoms, cause, sql_proof, fix, prevention, validation)
    SELECT p_post_mortem, who.person, who.role, coalesce(s.context, ''), coalesce(s.symptoms, ''),
        coalesce(s.cause, ''), coalesce(s.sql_proof, ''), coalesce(s.fix, ''), coalesce(s.prevention, ''),
        coalesce(s.validation, '')
    FROM jsonb_to_record(p_sections) AS s (
        context text, symptoms text, cause text, sql_proof text, fix text, prevention text, validation text
    )
    RETURNING * INTO written;
    PERFORM gouvernance.note_release(
        'post_mortem_written', who, jsonb_build_object('complete', written.complete),
        d.release, d.id
    )
    FROM gouvernance.post_mortems AS p JOIN gouvernance.deployments AS d ON d.id = p.rollback
    WHERE p.id = p_post_mortem;
    RETURN jsonb_build_object('complete', written.complete);
EXCEPTION
    WHEN foreign_key_violation OR not_null_violation THEN
        RAISE EXCEPTION 'Post-mortem inconnu.' USING ERRCODE = 'GV003';
    WHEN check_violation THEN
        RAISE EXCEPTION 'Une section a au plus 20 000 caractères.' USING ERRCODE = 'GV003';
END
$$;

DO $$
DECLARE
    inner_step text;
    reading text;
    act text;
    decision text;
BEGIN
    FOREACH inner_step IN ARRAY ARRAY[
        'computed_item(text, bigint, text)', 'soak(bigint)', 'hold_deployment(bigint)',
        'deploy_scope(bigint)',
        'deployment_conflict(text, gouvernance.release_actor, gouvernance.deployments)',
        'end_badly(bigint, gouvernance.release_actor, text)', 'gate_is_lost(gouvernance.deployments)'
    ] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION gouvernance.%s FROM PUBLIC', inner_step);
    END LOOP;
    FOREACH reading IN ARRAY ARRAY[
        'running(text)', 'post_mortems_owed()', 'gate_checklist(bigint, text)',
        'deployment_checklist(bigint, text)', 'gate_unmet(bigint, text)', 'deployment_unmet(bigint)',
        'success_unmet(bigint)', 'to_take_back(text)', 'rollback_target(text)'
    ] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION gouvernance.%s FROM PUBLIC', reading);
        EXECUTE format('GRANT EXECUTE ON FUNCTION gouvernance.%s TO mlpp_gov_app', reading);
    END LOOP;
    FOREACH act IN ARRAY ARRAY[
        'open_deployment(bigint, text, text, text, timestamptz, timestamptz)',
        'plan_deployment(bigint, text, text, timestamptz, timestamptz)',
        'start_deployment(bigint, text, text)', 'report_attempt(bigint, text, boolean, text)',
        'answer_deployment(bigint, text, text, text)', 'report_watch(bigint, numeric, numeric, text)',
        'declare_incident(text, text, text)', 'succeed_deployment(bigint)', 'fail_deployment(bigint, text)',
        'correct_deployment(bigint, text)', 'begin_rollback(text, text)'
    ] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION gouvernance.%s FROM PUBLIC', act);
        EXECUTE format('GRANT EXECUTE ON FUNCTION gouvernance.%s TO authenticated, mlpp_gov_app', act);
    END LOOP;
    -- No token decides these, so the login that acts for tokens need not even try.
    FOREACH decision IN ARRAY ARRAY[
        'authorise_deployment(bigint)', 'begin_freeze(bigint, text)', 'end_freeze(text, text)',
        'write_post_mortem(bigint, jsonb, bigint)'
    ] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION gouvernance.%s FROM PUBLIC, mlpp_gov_app', decision);
        EXECUTE format('GRANT EXECUTE ON FUNCTION gouvernance.%s TO authenticated', decision);
    END LOOP;
END
$$;
