-- The Release Gate: its checklist as data, what people and the CI answered, what the system knows itself.

-- `gate`: of a release. `preparation` and `smoke`: of a deployment, before and after. Computed ones are
-- never answered. Scenarios: A staging, B production, C freeze.
CREATE TABLE IF NOT EXISTS gouvernance.checklist_items (
    code      text PRIMARY KEY,
    list      text NOT NULL CHECK (list IN ('gate', 'preparation', 'smoke')),
    scenarios text[] NOT NULL CHECK (scenarios <@ ARRAY['A', 'B', 'C']),
    section   text NOT NULL,
    label     text NOT NULL,
    position  integer NOT NULL,
    computed  boolean NOT NULL DEFAULT false,
    by_token  boolean NOT NULL DEFAULT false,  -- may the CI answer it?
    critical  boolean NOT NULL DEFAULT false   -- smoke: a ❌ ends the deployment
);
INSERT INTO gouvernance.checklist_items
    (code, list, scenarios, section, label, position, computed, by_token, critical)
VALUES
    ('ci_nightly', 'gate', '{A,B,C}', 'CI', 'Nightly complète verte sur main : 1 cycle pour A, 2 pour B', 1, true, false, false),
    ('ci_reviewed', 'gate', '{A,B,C}', 'CI', 'Pull requests relues et fusionnées', 2, false, true, false),
    ('tests_none_skipped', 'gate', '{A,B,C}', 'Tests', 'Aucun test ignoré', 3, false, true, false),
    ('tests_flaky', 'gate', '{A,B,C}', 'Tests', 'Tests instables documentés', 4, false, true, false),
    ('git_tag', 'gate', '{A,B,C}', 'Git', 'Tag présent et bien formé', 5, true, false, false),
    ('git_main', 'gate', '{A,B,C}', 'Git', 'Commit présent sur main', 6, false, true, false),
    ('docs_changelog', 'gate', '{A,B,C}', 'Documents', 'CHANGELOG à jour', 7, false, true, false),
    ('docs_post_mortem', 'gate', '{B}', 'Documents', 'Post-mortem rempli pour chaque retour en arrière', 8, true, false, false),
    ('security_secrets', 'gate', '{A,B,C}', 'Sécurité', 'Aucun secret dans le dépôt ni dans les journaux', 9, false, true, false),
    ('security_keys', 'gate', '{A,B,C}', 'Sécurité', 'Aucune clé exposée', 10, false, true, false),
    ('security_rls', 'gate', '{A,B}', 'Sécurité', 'Audit RLS sans écart, 0 policy {public}', 11, true, false, false),
    ('infra_scripts', 'gate', '{A,B,C}', 'Infrastructure', 'Scripts durcis (garde-fous, confirmations)', 12, false, false, false),
    ('infra_logs', 'gate', '{A,B,C}', 'Infrastructure', 'Journaux disponibles', 13, false, false, false),
    ('system_contract', 'gate', '{A,B}', 'Système', 'Contrat SQL conforme', 14, true, false, false),
    ('system_critical', 'gate', '{B}', 'Système', 'Aucune alerte CRITICAL ouverte', 15, true, false, false),
    ('system_freeze', 'gate', '{B}', 'Système', 'Aucun gel en cours', 16, true, false, false),
    ('system_soak', 'gate', '{B}', 'Système', '48 h en staging sans incident', 17, true, false, false),
    ('prep_clean', 'preparation', '{A,B}', 'Préparation', 'Dépôt propre, au tag exact', 20, false, true, false),
    ('prep_configuration', 'preparation', '{A,B}', 'Préparation', 'Fichier de configuration présent, jamais commité', 21, false, true, false),
    ('prep_variables', 'preparation', '{A,B}', 'Préparation', 'Variables d’environnement définies', 22, false, true, false),
    ('prep_backup', 'preparation', '{B}', 'Préparation', 'Sauvegarde vérifiée', 23, false, false, false),
    ('prep_notified', 'preparation', '{B}', 'Préparation', 'Utilisateurs prévenus de la fenêtre', 24, false, false, false),
    ('prep_rollback', 'preparation', '{B}', 'Préparation', 'Retour en arrière répété', 25, false, false, false),
    ('smoke_login', 'smoke', '{A,B}', 'Smoke tests', 'Connexion d’un utilisateur test', 30, false, true, true),
    ('smoke_navigation', 'smoke', '{A,B}', 'Smoke tests', 'Navigation principale', 31, false, true, true),
    ('smoke_modules', 'smoke', '{A,B}', 'Smoke tests', 'Modules critiques', 32, false, true, true),
    ('smoke_audit', 'smoke', '{A,B}', 'Smoke tests', 'Journal d’audit log_actions', 33, false, true, false),
    ('smoke_database', 'smoke', '{A,B}', 'Smoke tests', 'Schéma conforme, RLS activé', 34, false, true, false),
    ('smoke_business', 'smoke', '{A,B}', 'Validation métier', 'Workflows critiques exécutés par des utilisateurs', 35, false, false, false)
ON CONFLICT (code) DO UPDATE SET
    list = excluded.list, scenarios = excluded.scenarios, section = excluded.section,
    label = excluded.label, position = excluded.position, computed = excluded.computed,
    by_token = excluded.by_token, critical = excluded.critical;

-- A passage through the gate; `configuration`: fingerprint of what each environment is configured with.
CREATE TABLE IF NOT EXISTS gouvernance.gates (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    release       bigint NOT NULL REFERENCES gouvernance.releases,
    configuration jsonb NOT NULL CHECK (jsonb_typeof(configuration) = 'object'),
    opened_at     timestamptz NOT NULL DEFAULT now(),
    person        uuid NOT NULL,
    role          text NOT NULL,
    token         bigint REFERENCES gouvernance.release_tokens
);
CREATE INDEX IF NOT EXISTS gates_release ON gouvernance.gates (release, id);

-- What made a gate worth nothing.
CREATE TABLE IF NOT EXISTS gouvernance.gate_voids (
    gate   bigint PRIMARY KEY REFERENCES gouvernance.gates,
    at     timestamptz NOT NULL DEFAULT now(),
    cause  text NOT NULL CHECK (cause IN ('code', 'configuration', 'superseded')),
    reason text NOT NULL,
    person uuid,
    role   text NOT NULL,
    token  bigint REFERENCES gouvernance.release_tokens
);

-- Every answer to an item of a gate, or of a deployment; the latest counts.
CREATE TABLE IF NOT EXISTS gouvernance.checklist_answers (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gate           bigint REFERENCES gouvernance.gates,
    deployment     bigint,
    item           text NOT NULL REFERENCES gouvernance.checklist_items,
    verdict        text NOT NULL CHECK (verdict IN ('ok', 'no', 'conditional')),
    evidence       text NOT NULL DEFAULT '' CHECK (length(evidence) <= 4000),
    conditions     text NOT NULL DEFAULT '' CHECK (length(conditions) <= 4000),
    re_evaluate_on date,
    at             timestamptz NOT NULL DEFAULT now(),
    person         uuid NOT NULL,
    role           text NOT NULL,
    token          bigint REFERENCES gouvernance.release_tokens,
    CHECK (num_nonnulls(gate, deployment) = 1),
    CHECK (verdict <> 'ok' OR evidence ~ '\S{3}'),
    CHECK ((verdict = 'conditional') = (re_evaluate_on IS NOT NULL)),
    CHECK (verdict <> 'conditional' OR conditions ~ '\S{3}')
);
CREATE INDEX IF NOT EXISTS checklist_answers_gate ON gouvernance.checklist_answers (gate, item, id);
CREATE INDEX IF NOT EXISTS checklist_answers_deployment
    ON gouvernance.checklist_answers (deployment, item, id);

-- Runs of the whole suite at night, as the CI reported them.
CREATE TABLE IF NOT EXISTS gouvernance.nightly_runs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    branch      text NOT NULL CHECK (branch ~ '\S' AND length(branch) <= 200),
    commit      text NOT NULL CHECK (commit ~ '^[0-9a-f]{7,40}$'),
    finished_at timestamptz NOT NULL CHECK (gouvernance.moment(finished_at) IS NOT NULL),
    passed      boolean NOT NULL,
    evidence    text NOT NULL CHECK (evidence ~ '\S{3}' AND length(evidence) <= 4000),
    reported_at timestamptz NOT NULL DEFAULT now(),
    person      uuid NOT NULL,
    role        text NOT NULL,
    token       bigint REFERENCES gouvernance.release_tokens
);

-- Whether the SQL contract conformed, each time the application looked.
CREATE TABLE IF NOT EXISTS gouvernance.contract_checks (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    differences text[] NOT NULL
);

SELECT gouvernance.let_governance_read(
    'checklist_items', 'gates', 'gate_voids', 'checklist_answers', 'nightly_runs', 'contract_checks'
);
SELECT gouvernance.make_append_only(
    'gates', 'gate_voids', 'checklist_answers', 'nightly_runs', 'contract_checks'
);

-- The gate of a release that counts: its last, unless that is void.
CREATE OR REPLACE FUNCTION gouvernance.current_gate(p_release bigint) RETURNS SETOF gouvernance.gates
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT g.*
    FROM (SELECT * FROM gouvernance.gates WHERE release = p_release ORDER BY id DESC LIMIT 1) AS g
    WHERE NOT EXISTS (SELECT FROM gouvernance.gate_voids AS v WHERE v.gate = g.id)
$$;

-- Make a release's current gate worth nothing; nothing when it has none.
CREATE OR REPLACE FUNCTION gouvernance.void_gate(
    p_release bigint, p_who gouvernance.release_actor, p_cause text, p_reason text
) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    voided bigint;
BEGIN
    INSERT INTO gouvernance.gate_voids (gate, cause, reason, person, role, token)
    SELECT id, p_cause, p_reason, p_who.person, p_who.role, p_who.token
    FROM gouvernance.current_gate(p_release)
    RETURNING gate INTO voided;
    IF FOUND THEN
        PERFORM gouvernance.note_release(
            'gate_voided', p_who,
            jsonb_build_object('gate', voided, 'cause', p_cause, 'reason', p_reason), p_release
        );
    END IF;
END
$$;

-- Open a gate for a release, in place of the one that it has: {"id"}. p_configuration: {"staging",
-- "production"}, each the fingerprint (8 to 64 hexadecimal digits) of that environment's configuration.
CREATE OR REPLACE FUNCTION gouvernance.open_gate(p_release bigint, p_configuration jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who  gouvernance.release_actor := gouvernance.release_actor('gate', 'admin', 'directeur');
    made bigint;
BEGIN
    IF jsonb_typeof(p_configuration) IS DISTINCT FROM 'object' OR EXISTS (
        SELECT FROM jsonb_each_text(p_configuration) AS c
        WHERE c.key NOT IN ('staging', 'production')
            OR coalesce(c.value, '') !~ '^[0-9a-f]{8,64}$'
    ) THEN
        RAISE EXCEPTION 'L’empreinte d’une configuration a de 8 à 64 chiffres hexadécimaux minuscules.'
            USING ERRCODE = 'GV003';
    END IF;
    IF NOT EXISTS (SELECT FROM gouvernance.releases WHERE id = p_release) THEN
        RAISE EXCEPTION 'Release inconnue.' USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.one_release_act_at_a_time();
    PERFORM gouvernance.void_gate(p_release, who, 'superseded', 'Un nouveau gate a été ouvert.');
    INSERT INTO gouvernance.gates (release, configuration, person, role, token)
    VALUES (p_release, p_configuration, who.person, who.role, who.token)
    RETURNING id INTO made;
    PERFORM gouvernance.note_release(
        'gate_opened', who, jsonb_build_object('gate', made, 'configuration', p_configuration), p_release
    );
    RETURN jsonb_build_object('id', made);
END
$$;

-- Say that the code or the configuration changed since the gate: it is void. GV003 without a reason.
CREATE OR REPLACE FUNCTION gouvernance.report_change(p_release bigint, p_cause text, p_reason text)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who gouvernance.release_actor := gouvernance.release_actor('gate', 'admin', 'directeur');
BEGIN
    IF coalesce(p_cause, '') NOT IN ('code', 'configuration') OR coalesce(p_reason, '') !~ '\S{3}' THEN
        RAISE EXCEPTION 'Dites ce qui a changé (le code ou la configuration) et en quoi.'
            USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.one_release_act_at_a_time();
    IF NOT EXISTS (SELECT FROM gouvernance.current_gate(p_release)) THEN
        RETURN gouvernance.refuse_release('gate_voided', who, gouvernance.unmet(
            'no_gate', 'Cette release n’a pas de gate en cours.'
        ), (SELECT id FROM gouvernance.releases WHERE id = p_release));
    END IF;
    PERFORM gouvernance.void_gate(p_release, who, p_cause, p_reason);
    RETURN '{}';
END
$$;

-- Why an item can't be answered like this, or NULL.
CREATE OR REPLACE FUNCTION gouvernance.answer_refusal(
    p_list text, p_item text, p_verdict text, p_evidence text, p_conditions text, p_re_evaluate_on date,
    p_token bigint
) RETURNS text
LANGUAGE sql STABLE SET search_path = ''
RETURN (
    SELECT CASE
        WHEN i.code IS NULL OR i.list <> p_list THEN 'Point de contrôle inconnu.'
        WHEN i.computed THEN 'Le système répond lui-même à « ' || i.label || ' ».'
        WHEN p_token IS NOT NULL AND NOT i.by_token THEN 'Une personne répond à « ' || i.label || ' ».'
        WHEN coalesce(p_verdict, '') NOT IN ('ok', 'no', 'conditional') THEN 'Verdict inconnu.'
        WHEN p_verdict = 'ok' AND coalesce(p_evidence, '') !~ '\S{3}'
            THEN 'Un ✅ demande une preuve : un lien ou un texte.'
        WHEN p_verdict = 'conditional' AND coalesce(p_conditions, '') !~ '\S{3}'
            THEN 'Un 🟡 demande ses conditions.'
        WHEN p_verdict = 'conditional' AND coalesce(
            p_re_evaluate_on NOT BETWEEN (now() AT TIME ZONE 'UTC')::date
                AND (now() AT TIME ZONE 'UTC')::date + 90, true
        ) THEN 'Un 🟡 demande une date de réévaluation, dans les 90 jours.'
        WHEN length(p_evidence) > 4000 OR length(p_conditions) > 4000
            THEN 'Une preuve ou des conditions ont au plus 4 000 caractères.'
    END
    FROM (SELECT) AS one LEFT JOIN gouvernance.checklist_items AS i ON i.code = p_item
);

-- Answer an item of the release's current gate: {"id"}. GV003 when it can't be answered like this.
CREATE OR REPLACE FUNCTION gouvernance.answer_gate(
    p_release bigint, p_item text, p_verdict text, p_evidence text, p_conditions text, p_re_evaluate_on date
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who     gouvernance.release_actor := gouvernance.release_actor('gate', 'admin', 'directeur');
    refusal text := gouvernance.answer_refusal(
        'gate', p_item, p_verdict, p_evidence, p_conditions, p_re_evaluate_on, who.token
    );
    made    bigint;
BEGIN
    IF refusal IS NOT NULL THEN
        RAISE EXCEPTION '%', refusal USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.one_release_act_at_a_time();
    INSERT INTO gouvernance.checklist_answers
        (gate, item, verdict, evidence, conditions, re_evaluate_on, person, role, token)
    SELECT
        g.id, p_item, p_verdict, coalesce(p_evidence, ''),
        CASE WHEN p_verdict = 'conditional' THEN p_conditions ELSE '' END,
        CASE WHEN p_verdict = 'conditional' THEN p_re_evaluate_on END, who.person, who.role, who.token
    FROM gouvernance.current_gate(p_release) AS g
    RETURNING id INTO made;
    IF NOT FOUND THEN
        RETURN gouvernance.refuse_release('gate_answered', who, gouvernance.unmet(
            'no_gate', 'Cette release n’a pas de gate en cours : ouvrez-en un.'
        ), (SELECT id FROM gouvernance.releases WHERE id = p_release));
    END IF;
    PERFORM gouvernance.note_release(
        'gate_answered', who, jsonb_build_object('item', p_item, 'verdict', p_verdict), p_release
    );
    RETURN jsonb_build_object('id', made);
END
$$;

-- Record a nightly run of the whole suite: {"id"}. The hour is the CI's, hence the five minutes.
CREATE OR REPLACE FUNCTION gouvernance.report_nightly(
    p_branch text, p_commit text, p_finished_at timestamptz, p_passed boolean, p_evidence text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who  gouvernance.release_actor := gouvernance.release_actor('gate', 'admin', 'directeur');
    made bigint;
BEGIN
    IF coalesce(p_finished_at > now() + interval '5 minutes', true) THEN
        RAISE EXCEPTION 'La fin de la nightly est dans le futur : vérifiez l’horloge de la machine.'
            USING ERRCODE = 'GV003';
    END IF;
    INSERT INTO gouvernance.nightly_runs
        (branch, commit, finished_at, passed, evidence, person, role, token)
    VALUES (p_branch, p_commit, p_finished_at, p_passed, p_evidence, who.person, who.role, who.token)
    RETURNING id INTO made;
    PERFORM gouvernance.note_release('nightly_reported', who, jsonb_build_object(
        'branch', p_branch, 'commit', p_commit, 'finished_at', p_finished_at, 'passed', p_passed
    ));
    RETURN jsonb_build_object('id', made);
EXCEPTION WHEN check_violation OR not_null_violation THEN
    RAISE EXCEPTION 'Donnez la branche, le commit (7 à 40 chiffres hexadécimaux), le résultat et un lien.'
        USING ERRCODE = 'GV003';
END
$$;

-- Record what `contract verify` found; the application's own act, that nobody does in a person's name.
CREATE OR REPLACE FUNCTION gouvernance.record_contract_check(p_differences text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
    INSERT INTO gouvernance.contract_checks (differences) VALUES (p_differences);
END;

-- The nights in a row, up to the last, that main was green; whether that commit was among them.
CREATE OR REPLACE FUNCTION gouvernance.green_nights(
    p_commit text, OUT nights bigint, OUT last_at timestamptz, OUT commit_tested boolean
) LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT
        count(DISTINCT (finished_at AT TIME ZONE 'UTC')::date), max(finished_at),
        coalesce(bool_or(gouvernance.same_commit(commit, p_commit)), false)
    FROM gouvernance.nightly_runs
    WHERE branch = 'main' AND passed AND finished_at > coalesce((
        SELECT max(finished_at) FROM gouvernance.nightly_runs WHERE branch = 'main' AND NOT passed
    ), '-infinity')
$$;

REVOKE ALL ON FUNCTION
    gouvernance.current_gate(bigint),
    gouvernance.void_gate(bigint, gouvernance.release_actor, text, text),
    gouvernance.open_gate(bigint, jsonb), gouvernance.report_change(bigint, text, text),
    gouvernance.answer_refusal(text, text, text, text, text, date, bigint),
    gouvernance.answer_gate(bigint, text, text, text, text, date),
    gouvernance.report_nightly(text, text, timestamptz, boolean, text),
    gouvernance.record_contract_check(text[]), gouvernance.green_nights(text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.open_gate(bigint, jsonb), gouvernance.report_change(bigint, text, text),
    gouvernance.answer_gate(bigint, text, text, text, text, date),
    gouvernance.report_nightly(text, text, timestamptz, boolean, text)
    TO authenticated, mlpp_gov_app;
GRANT EXECUTE ON FUNCTION gouvernance.record_contract_check(text[]) TO mlpp_gov_app;
