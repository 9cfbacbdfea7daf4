-- The ten actions of Phase 2, as the tracker had them and as people have brought them on since. An action
-- still `imported` is exactly the tracker's, gaps included; whoever changes it keeps its rules from then on
-- (11_PHASE2_TRACKER, « Règles d'update »). docs/suivi-phase2.md says it to operators.

CREATE TABLE IF NOT EXISTS gouvernance.phase2_actions (
    id            integer PRIMARY KEY CHECK (id BETWEEN 1 AND 10),
    title         text NOT NULL,
    axis          integer NOT NULL CHECK (axis BETWEEN 1 AND 4),
    priority      text NOT NULL CHECK (priority IN ('P1', 'P2', 'P3')),
    status        text NOT NULL CHECK (status IN ('TODO', 'IN_PROGRESS', 'DONE', 'BLOCKED')),
    status_detail text NOT NULL DEFAULT '' CHECK (length(status_detail) <= 60),
    owner         text NOT NULL DEFAULT '' CHECK (length(owner) <= 100),
    reference     text NOT NULL DEFAULT '' CHECK (length(reference) <= 200),  -- pull request or commit
    started_on    date CHECK (started_on BETWEEN '2020-01-01' AND '2100-01-01'),
    ended_on      date CHECK (ended_on BETWEEN '2020-01-01' AND '2100-01-01'),
    notes         text NOT NULL DEFAULT '' CHECK (length(notes) <= 2000),
    evidence      text NOT NULL DEFAULT '' CHECK (length(evidence) <= 10000),
    imported      boolean NOT NULL DEFAULT false,
    version       bigint NOT NULL DEFAULT 0,  -- its last change
    CONSTRAINT done_has_reference CHECK (imported OR status <> 'DONE' OR btrim(reference) <> ''),
    CONSTRAINT done_has_end CHECK (imported OR status <> 'DONE' OR ended_on IS NOT NULL),
    CONSTRAINT end_means_done CHECK (imported OR status = 'DONE' OR ended_on IS NULL),
    CONSTRAINT in_progress_has_start CHECK (
        imported OR status <> 'IN_PROGRESS' OR started_on IS NOT NULL
    ),
    CONSTRAINT blocked_has_note CHECK (imported OR status <> 'BLOCKED' OR btrim(notes) <> ''),
    CONSTRAINT end_after_start CHECK (ended_on >= started_on)
);

-- Every change by a person: the columns that differ, as they were and as they became.
CREATE TABLE IF NOT EXISTS gouvernance.phase2_changes (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action integer NOT NULL REFERENCES gouvernance.phase2_actions,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor  uuid NOT NULL,  -- auth.users.id
    role   text NOT NULL,
    before jsonb NOT NULL,
    after  jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS phase2_changes_action ON gouvernance.phase2_changes (action, id);
SELECT gouvernance.make_append_only('phase2_changes');

SELECT gouvernance.let_people_read('phase2_actions', 'phase2_changes');

-- Bring an action on, from the version that the person read, and return its new version; the same when
-- nothing differs. GV001 when somebody changed it since; GV003 when a rule of the tracker is broken, all of
-- them named; GV004 for whoever is neither administrator nor directeur.
CREATE OR REPLACE FUNCTION gouvernance.update_phase2_action(
    p_action integer, p_version bigint, p_status text, p_status_detail text, p_owner text,
    p_reference text, p_started_on date, p_ended_on date, p_notes text, p_evidence text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acting_role text := gouvernance.require_role('admin', 'directeur');
    previous gouvernance.phase2_actions;
    following gouvernance.phase2_actions;
    unlike text[];
    change bigint;
BEGIN
    SELECT * INTO previous FROM gouvernance.phase2_actions WHERE id = p_action FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'action inconnue.' USING ERRCODE = 'GV003';
    END IF;
    IF previous.version IS DISTINCT FROM p_version THEN
        RAISE EXCEPTION 'L’action a changé depuis que vous l’avez lue.' USING ERRCODE = 'GV001';
    END IF;
    following := previous;
    following.status := p_status;
    following.status_detail := btrim(p_status_detail);
    following.owner := btrim(p_owner);
    following.reference := btrim(p_reference);
    following.started_on := p_started_on;
    following.ended_on := p_ended_on;
    following.notes := btrim(p_notes);
    following.evidence := btrim(p_evidence, E' \n');
    unlike := ARRAY(
        SELECT b.key FROM jsonb_each(to_jsonb(previous)) AS b
        JOIN jsonb_each(to_jsonb(following)) AS a USING (key)
        WHERE b.value <> a.value
    );
    IF unlike = '{}' THEN
        RETURN previous.version;
    END IF;
    IF p_ended_on > (now() AT TIME ZONE 'UTC')::date + 1 THEN  -- tomorrow has begun somewhere
        RAISE EXCEPTION 'la date de fin est à venir.' USING ERRCODE = 'GV003';
    END IF;
    INSERT INTO gouvernance.phase2_changes (action, actor, role, before, after)
    SELECT p_action, auth.uid(), acting_role, jsonb_object_agg(key, to_jsonb(previous) -> key),
        jsonb_object_agg(key, to_jsonb(following) -> key)
    FROM unnest(unlike) AS key
    RETURNING id INTO change;
    UPDATE gouvernance.phase2_actions
    SET status = following.status, status_detail = following.status_detail, owner = following.owner,
        reference = following.reference, started_on = following.started_on,
        ended_on = following.ended_on, notes = following.notes, evidence = following.evidence,
        imported = false, version = change
    WHERE id = p_action;
    RETURN change;
EXCEPTION WHEN check_violation OR not_null_violation THEN
    RAISE EXCEPTION '%', coalesce(nullif(concat_ws(' ; ',
        CASE WHEN p_status = 'DONE' AND btrim(p_reference) = ''
            THEN 'DONE demande une référence (PR ou commit)' END,
        CASE WHEN p_status = 'DONE' AND p_ended_on IS NULL THEN 'DONE demande une date de fin' END,
        CASE WHEN p_status <> 'DONE' AND p_ended_on IS NOT NULL
            THEN 'une date de fin ne va qu’avec DONE' END,
        CASE WHEN p_status = 'IN_PROGRESS' AND p_started_on IS NULL
            THEN 'IN_PROGRESS demande une date de début' END,
        CASE WHEN p_status = 'BLOCKED' AND btrim(p_notes) = '' THEN 'BLOCKED demande une note' END,
        CASE WHEN p_ended_on < p_started_on THEN 'la fin est avant le début' END
    ), ''), 'une valeur n’est pas possible') || '.' USING ERRCODE = 'GV003', DETAIL = SQLERRM;
END
$$;
REVOKE ALL ON FUNCTION gouvernance.update_phase2_action(
    integer, bigint, text, text, text, text, date, date, text, text
) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.update_phase2_action(
    integer, bigint, text, text, text, text, date, date, text, text
) TO authenticated;

-- The tracker as it stood in February 2026, once; « — » there is unknown here.
INSERT INTO gouvernance.phase2_actions
    (id, title, axis, priority, status, status_detail, reference, started_on, ended_on, notes, evidence,
     imported)
SELECT *, true
FROM (VALUES
    (1, 'Vue SQL v_integrity_checks', 1, 'P1', 'DONE', 'STAGING + PROD', '', NULL::date, NULL::date,
        'voir Evidence ci-dessous', $evidence$Action 1 — Evidence (DONE STAGING + PROD)
- Script : `staging/sql/phase2/phase2_01_v_integrity_checks.sql`
- Contrat : `docs/db/v_integrity_checks_contract.md`
- Vue : `public.v_integrity_checks`
- Risk : Low
- Rollback : `DROP VIEW public.v_integrity_checks`
- Validation STAGING : 1 alerte CDR_ARRIVE_STALE pertinente, 0 bruit sur STOCK_NEGATIF / STOCK_OVER_CAPACITY / RECEPTION_ECART_15C / SORTIE_ECART_15C.

PROD Validation Snapshot
- CDR_ARRIVE_STALE: 5
- No critical alerts
- Backup validated$evidence$),
    (2, 'Table system_alerts (persistence + workflow)', 1, 'P1', 'DONE', 'PROD', '', NULL, NULL,
        'Patch 2.1→2.4 déployés. Dette technique documentée (PHASE2_TECH_DEBT.md).',
        $evidence$Action 2 — Découpage (persistence + workflow)
- 2.1 DOC + SQL STAGING : `docs/db/spec_system_alerts.md`, `staging/sql/phase2/phase2_02_system_alerts.sql` — DONE (PROD)
- 2.2 Job de sync (v_integrity_checks → system_alerts) : `staging/sql/phase2/phase2_03_system_alerts_sync.sql` — MERGED (PR #73)
- 2.3 STAGING execution proof : — DONE
- 2.4 UI workflow ACK/RESOLVE : Flutter (IntegrityChecksScreen, repository) — DONE (PROD)

Proof (STAGING)
- system_alerts créée après sync (OPEN count = 1)
- Idempotence confirmée (first_detected_at stable, last_detected_at mis à jour)
- Auto-resolve confirmé via FAKE_CHECK → RESOLVED (resolved_by NULL)

PR : 2.2 merged via PR #73.

Evidence PROD (Action 2.4 — Feb 2026)
- Table `public.system_alerts` + trigger `trg_system_alerts_set_actor`
- Policies : `system_alerts_select_authenticated`, `system_alerts_update_admin_directeur`
- Web déployé sur https://monaluxe.app (Firebase Hosting ml-pp-mvp-web)
- Dette technique : `docs/POST_PROD/PHASE2_TECH_DEBT.md`$evidence$),
    (3, 'Job périodique d''évaluation (DOC)', 1, 'P1', 'TODO', '', '', NULL, NULL, '', ''),
    (4, 'Écran intégrité système', 1, 'P2', 'DONE', 'DOC + IMPLEMENTATION', 'PR #71 / 9a80413',
        '2026-02-19', '2026-02-19', 'UI livrée, tests OK',
        $evidence$Action 4 — Evidence (DONE DOC + IMPLEMENTATION)
- Route: `/governance/integrity`
- Rôles: admin, directeur, pca
- Repository: `lib/features/governance/data/integrity_repository.dart`
- Provider: `integrityChecksProvider`
- Screen: `IntegrityChecksScreen`
- Tests:
  - integrity_check_test.dart
  - integrity_checks_screen_test.dart
- PR: #71
- Tag: checkpoint-phase2-integrity-ui-2026-02-19
- No DB mutation
- No contract modification$evidence$),
    (5, 'Standardiser APP_ENV & APP_RELEASE (DOC)', 2, 'P1', 'TODO', '', '', NULL, NULL, '', ''),
    (6, 'Endpoint /health + 2e monitor uptime (DOC)', 2, 'P2', 'TODO', '', '', NULL, NULL, '', ''),
    (7, 'Audit RLS complet + hardening (0 public policies)', 3, 'P1', 'DONE', '', 'docs(post-prod)',
        '2026-02-21', '2026-02-21', 'Runbook + deploy log Entry 2',
        $evidence$Action 7 — Evidence (DONE — RLS Hardening Feb 2026)
- Objectif : Audit RLS + élimination des policies `{public}` (exposition ANON).
- STAGING : DROP/migration policies `{public}` (log_actions, stocks_journaliers, citernes, puis 14 policies conditionnelles → `authenticated`). Vérif : count(public) = 0.
- PROD : Correction fuites critiques (DROP `read stocks_journaliers`, DROP `read citernes`). Migration `{public}` → `{authenticated}` sur profils, cours_de_route, prises_de_hauteur, sorties_produit, stocks_journaliers. Vérif : count(public) = 0 ; curl ANON → `[]` sur tables sensibles.
- Docs : `docs/POST_PROD/RUNBOOK_RLS_HARDENING.md`, `12_PHASE2_PROD_DEPLOY_LOG.md` (Entry 2), stratégie/plan mis à jour (standard "0 public policies").
- Rollback : Recreate policy if needed (see runbook). No data mutation.$evidence$),
    (8, 'Journal accès suspect (DOC)', 3, 'P2', 'TODO', '', '', NULL, NULL, '', ''),
    (9, 'Hash release visible UI (DOC)', 4, 'P2', 'TODO', '', '', NULL, NULL, '', ''),
    (10, 'Runbook rollback web (DOC)', 4, 'P1', 'TODO', '', '', NULL, NULL, '', '')
) AS tracker
ON CONFLICT (id) DO NOTHING;
