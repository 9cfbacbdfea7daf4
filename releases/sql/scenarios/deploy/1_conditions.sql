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
