-- The history of alerts, written by the database whoever changes an alert and however: events that
-- nobody can change, and one row per period from detection to resolution.

CREATE TABLE IF NOT EXISTS gouvernance.alert_events (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id uuid NOT NULL,
    period   integer NOT NULL,
    kind     text NOT NULL CHECK (kind IN (
        'opened', 'refreshed', 'acknowledged', 'resolved', 'reopened', 'accepted', 'note', 'assigned'
    )),
    source   text NOT NULL CHECK (source IN ('person', 'admin', 'sync', 'system', 'import')),
    actor    uuid,      -- auth.users.id; NULL is the system
    sync_run bigint,    -- gouvernance.sync_runs.id, when source is sync
    details  jsonb NOT NULL DEFAULT '{}',
    at       timestamptz NOT NULL,
    CHECK ((source IN ('person', 'admin')) <= (actor IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS alert_events_alert ON gouvernance.alert_events (alert_id, id);

-- Periods of one alert never overlap: each names the end of the one before it, and the foreign key
-- makes that end true. An open period has no end, so that nothing can follow it.
CREATE TABLE IF NOT EXISTS gouvernance.alert_periods (
    alert_id          uuid NOT NULL,
    number            integer NOT NULL CHECK (number > 0),
    previous_number   integer GENERATED ALWAYS AS (nullif(number - 1, 0)) STORED,
    previous_ended_at timestamptz CHECK (previous_ended_at <= started_at),
    severity          text NOT NULL,  -- the worst of the period
    started_at        timestamptz NOT NULL,
    acknowledged_at   timestamptz,
    acknowledged_by   uuid,
    ended_at          timestamptz,
    ended_by          uuid,           -- auth.users.id; NULL is the system
    outcome           text CHECK (outcome IN ('gone', 'fixed', 'claimed', 'accepted')),
    PRIMARY KEY (alert_id, number),
    UNIQUE (alert_id, number, ended_at),
    FOREIGN KEY (alert_id, previous_number, previous_ended_at)
        REFERENCES gouvernance.alert_periods (alert_id, number, ended_at),
    CHECK ((number = 1) = (previous_ended_at IS NULL)),
    CHECK (started_at <= ended_at),
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
-- When the cause became true, as the payload said it at the detection; NULL is unknown.
ALTER TABLE gouvernance.alert_periods ADD COLUMN IF NOT EXISTS occurred_at timestamptz;

-- An accepted cause stays closed until its date, until it disappears, or until it gets worse.
CREATE TABLE IF NOT EXISTS gouvernance.alert_acceptances (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id    uuid NOT NULL,
    period      integer NOT NULL,
    accepted_by uuid NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    reason      text NOT NULL CHECK (reason IN (
        'erreur_mesure', 'saisie_tardive', 'perte_reelle', 'faux_positif', 'maintenance_prevue', 'autre'
    )),
    comment     text NOT NULL DEFAULT '' CHECK (reason <> 'autre' OR comment ~ '\S'),
    until       timestamptz NOT NULL CHECK (until > accepted_at),
    margin      numeric NOT NULL DEFAULT 10 CHECK (margin BETWEEN 0 AND 1000),  -- per cent of figure
    severity    text NOT NULL,
    figure      numeric,  -- how bad it was, in the check's unit; NULL when the check has none
    ended_at    timestamptz,
    ended_why   text CHECK (ended_why IN ('expired', 'gone', 'worse', 'reopened')),
    FOREIGN KEY (alert_id, period) REFERENCES gouvernance.alert_periods (alert_id, number),
    CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE UNIQUE INDEX IF NOT EXISTS alert_acceptances_current
    ON gouvernance.alert_acceptances (alert_id) WHERE ended_at IS NULL;

CREATE TABLE IF NOT EXISTS gouvernance.alert_assignments (
    alert_id    uuid PRIMARY KEY,
    assignee    uuid NOT NULL,
    assigned_by uuid NOT NULL,
    assigned_at timestamptz NOT NULL DEFAULT now()
);

-- Rights: the three who may read alerts read their history; nobody writes but the functions below.
DO $$
DECLARE
    journal text;
BEGIN
    FOREACH journal IN ARRAY ARRAY[
        'alert_events', 'alert_periods', 'alert_acceptances', 'alert_assignments'
    ] LOOP
        EXECUTE format('ALTER TABLE gouvernance.%I ENABLE ROW LEVEL SECURITY', journal);
        EXECUTE format('REVOKE ALL ON gouvernance.%I FROM PUBLIC, mlpp_gov_app', journal);
        EXECUTE format('GRANT SELECT ON gouvernance.%I TO authenticated', journal);
        EXECUTE format('DROP POLICY IF EXISTS gouvernance_read ON gouvernance.%I', journal);
        EXECUTE format(
            'CREATE POLICY gouvernance_read ON gouvernance.%I FOR SELECT TO authenticated'
            ' USING ((SELECT gouvernance.role_of(auth.uid())) IN (''admin'', ''directeur'', ''pca''))',
            journal
        );
    END LOOP;
END
$$;

-- Not even the owner rewrites an event.
CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON gouvernance.alert_events
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting();

-- The person who acts now, when they may handle alerts. Anybody else who gets a row changed does it
-- through somebody's server function: the journal does not take that for their decision.
CREATE OR REPLACE FUNCTION gouvernance.acting_person() RETURNS uuid
LANGUAGE sql STABLE SET search_path = ''
RETURN CASE WHEN gouvernance.role_of(auth.uid()) IN ('admin', 'directeur') THEN auth.uid() END;

CREATE OR REPLACE FUNCTION gouvernance.acting_run() RETURNS bigint
LANGUAGE sql STABLE SET search_path = ''
RETURN CASE
    WHEN auth.uid() IS NULL THEN nullif(current_setting('gouvernance.sync_run', true), '')::bigint
END;

CREATE OR REPLACE FUNCTION gouvernance.acting_source() RETURNS text
LANGUAGE sql STABLE SET search_path = ''
RETURN CASE
    WHEN gouvernance.acting_person() IS NOT NULL
    THEN CASE current_setting('gouvernance.source', true) WHEN 'admin' THEN 'admin' ELSE 'person' END
    WHEN gouvernance.acting_run() IS NOT NULL THEN 'sync'
    WHEN auth.uid() IS NULL AND current_setting('gouvernance.source', true) = 'sync' THEN 'sync'
    ELSE 'system'
END;

-- The version of an alert: its last event that changes what a person decides on.
CREATE OR REPLACE FUNCTION gouvernance.alert_version(p_alert uuid) RETURNS bigint
LANGUAGE sql STABLE SET search_path = ''
RETURN (
    SELECT max(id) FROM gouvernance.alert_events
    WHERE alert_id = p_alert AND kind NOT IN ('note', 'assigned')
);

-- What an event keeps of an alert: how grave it is, in words and in the check's own figure.
CREATE OR REPLACE FUNCTION gouvernance.gravity(severity text, message text, payload jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE  -- without SET, so that it is inlined; a parsed body needs none
RETURN jsonb_build_object('severity', severity, 'message', message, 'figure', payload -> 'figure');

-- Keys of a payload that changed, each with its value before and after.
CREATE OR REPLACE FUNCTION gouvernance.payload_difference(before jsonb, after jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = ''
RETURN (
    SELECT coalesce(jsonb_object_agg(key, jsonb_build_array(before -> key, after -> key)), '{}')
    FROM (
        SELECT jsonb_object_keys(before) AS key
        UNION
        SELECT jsonb_object_keys(after)
    ) AS keys
    WHERE before -> key IS DISTINCT FROM after -> key
);

-- The anomaly as the live view shows it now, read with the owner's eyes: whoever asks, a row hidden
-- from them must not pass for a cause that is gone.
CREATE OR REPLACE FUNCTION gouvernance.live_gravity(p_check text, p_entity_type text, p_entity uuid)
RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET jit = off AS $$
DECLARE
    live jsonb;
BEGIN
    EXECUTE format(
        'SELECT gouvernance.gravity(severity, message, payload) FROM %s'
        ' WHERE check_code = $1 AND entity_type = $2 AND entity_id = $3'
        ' ORDER BY severity = ''CRITICAL'' DESC LIMIT 1',
        gouvernance.source_of(p_check)
    ) INTO live USING p_check, p_entity_type, p_entity;
    RETURN live;
END
$$;

-- The payload's occurred_at; NULL when it says none, or nothing that a calendar has.
CREATE OR REPLACE FUNCTION gouvernance.occurred_at(payload jsonb) RETURNS timestamptz
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    said CONSTANT text := payload ->> 'occurred_at';
BEGIN
    IF said !~ '^\d{4}-\d\d-\d\d' THEN  -- « now » and « infinity » are moments to PostgreSQL
        RETURN NULL;
    END IF;
    RETURN gouvernance.moment(said::timestamptz);
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;

-- Period and first events of new alerts; of those that were there before the journal, 'import' below.
CREATE OR REPLACE FUNCTION gouvernance.journal_insert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    run    CONSTANT bigint := gouvernance.acting_run();
    origin CONSTANT text := coalesce(
        TG_ARGV[0], CASE WHEN auth.uid() IS NULL THEN gouvernance.acting_source() ELSE 'system' END
    );
BEGIN
    INSERT INTO gouvernance.alert_periods
        (alert_id, number, severity, occurred_at, started_at, acknowledged_at, acknowledged_by,
         ended_at, ended_by, outcome)
    SELECT
        a.id, 1, a.severity, gouvernance.occurred_at(a.payload), a.first_detected_at,
        a.acknowledged_at, a.acknowledged_by,
        CASE WHEN a.status = 'RESOLVED'
            THEN greatest(coalesce(a.resolved_at, a.updated_at), a.first_detected_at)
        END,
        CASE WHEN a.status = 'RESOLVED' THEN a.resolved_by END,
        CASE WHEN a.status = 'RESOLVED'
            THEN CASE WHEN a.resolved_by IS NULL THEN 'gone' ELSE 'claimed' END
        END
    FROM new_alerts AS a;

    INSERT INTO gouvernance.alert_events (alert_id, period, kind, source, actor, sync_run, details, at)
    SELECT a.id, 1, e.kind, origin, e.actor, run, e.details, e.at
    FROM new_alerts AS a
    CROSS JOIN LATERAL (VALUES
        ('opened', NULL, a.first_detected_at, gouvernance.gravity(a.severity, a.message, a.payload)),
        ('acknowledged', a.acknowledged_by, a.acknowledged_at, '{}'),
        (
            'resolved', a.resolved_by,
            CASE WHEN a.status = 'RESOLVED' THEN coalesce(a.resolved_at, a.updated_at) END,
            jsonb_build_object('outcome', CASE WHEN a.resolved_by IS NULL THEN 'gone' ELSE 'claimed' END)
        )
    ) AS e (kind, actor, at, details)
    WHERE e.at IS NOT NULL
    ORDER BY a.id, e.at;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER gouvernance_journal_insert
    AFTER INSERT ON public.system_alerts
    REFERENCING NEW TABLE AS new_alerts
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.journal_insert();

-- How a person's resolution stands up to the live view. `intent` is what they asked for:
--   resolve  the cause is gone: refused (GV002, the live figures in DETAIL) while it is there;
--   claim    it is corrected, to be verified: the next evaluation reopens it if it is not;
--   accept   it is there and stays closed, with a reason and an end date.
-- ML_PP's own screens know none of this: without an intent, a resolution is a claim.
CREATE OR REPLACE FUNCTION gouvernance.judge_resolution(
    p_check text, p_entity_type text, p_entity uuid, before jsonb, context jsonb
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    intent CONSTANT text := coalesce(context ->> 'intent', 'claim');
    live jsonb;
    unverified text;
BEGIN
    BEGIN
        live := gouvernance.live_gravity(p_check, p_entity_type, p_entity);
    EXCEPTION WHEN OTHERS THEN  -- a check that fails must neither confirm nor forbid
        unverified := SQLERRM;
    END;
    IF intent = 'resolve' AND (live IS NOT NULL OR unverified IS NOT NULL) THEN
        RAISE EXCEPTION 'La cause n’a pas disparu.'
            USING ERRCODE = 'GV002', DETAIL = coalesce(live, '{}')::text;
    END IF;
    RETURN jsonb_build_object(
        'outcome', CASE
            WHEN live IS NULL AND unverified IS NULL THEN 'fixed'
            WHEN intent = 'accept' THEN 'accepted'
            ELSE 'claimed'
        END,
        'before', before,
        'after', live
    ) || CASE WHEN unverified IS NULL THEN '{}' ELSE jsonb_build_object('unverified', unverified) END;
END
$$;

-- ML_PP's log screen shows human transitions too; where it can't, the event says so.
CREATE OR REPLACE FUNCTION gouvernance.log_action(alert jsonb, action text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO public.log_actions (user_id, action, module, niveau, details, cible_id)
    VALUES (
        auth.uid(), action, 'governance', 'INFO',
        jsonb_build_object('alert_id', alert -> 'id', 'check_code', alert -> 'check_code',
                           'message', alert -> 'message'),
        (alert ->> 'entity_id')::uuid
    );
    RETURN '{}';
EXCEPTION WHEN OTHERS THEN
    RETURN jsonb_build_object('log_actions', SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION gouvernance.journal_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    person  CONSTANT uuid := gouvernance.acting_person();
    context CONSTANT jsonb := nullif(current_setting('gouvernance.context', true), '')::jsonb;
    before  CONSTANT jsonb := gouvernance.gravity(OLD.severity, OLD.message, OLD.payload);
    latest  gouvernance.alert_periods;
    kind    text;
    details jsonb := '{}';
BEGIN
    IF person IS NOT NULL AND (context ->> 'version')::bigint <> gouvernance.alert_version(NEW.id) THEN
        RAISE EXCEPTION 'L’alerte a changé depuis que vous l’avez lue.' USING ERRCODE = 'GV001';
    END IF;
    SELECT * INTO STRICT latest FROM gouvernance.alert_periods
    WHERE alert_id = NEW.id ORDER BY number DESC LIMIT 1;

    IF NEW.status = OLD.status THEN
        IF NEW.status = 'RESOLVED' THEN
            RETURN NULL;
        END IF;
        kind := 'refreshed';
        details := gouvernance.gravity(NEW.severity, NEW.message, NEW.payload) || jsonb_build_object(
            'changes', gouvernance.payload_difference(OLD.payload, NEW.payload),
            'severity_before', OLD.severity
        );
        UPDATE gouvernance.alert_periods SET severity = 'CRITICAL'
        WHERE alert_id = NEW.id AND number = latest.number
            AND NEW.severity = 'CRITICAL' AND severity <> 'CRITICAL';
    ELSIF OLD.status = 'RESOLVED' THEN
        kind := 'reopened';
        UPDATE gouvernance.alert_acceptances SET ended_at = now(), ended_why = 'reopened'
        WHERE alert_id = NEW.id AND ended_at IS NULL;  -- by another hand than the evaluation's
        details := gouvernance.gravity(NEW.severity, NEW.message, NEW.payload) || jsonb_build_object(
            'after', latest.outcome,
            'acceptance', (
                SELECT ended_why FROM gouvernance.alert_acceptances
                WHERE alert_id = NEW.id AND period = latest.number
            )
        );
        INSERT INTO gouvernance.alert_periods
            (alert_id, number, previous_ended_at, severity, occurred_at, started_at)
        VALUES (NEW.id, latest.number + 1, latest.ended_at, NEW.severity,
                gouvernance.occurred_at(NEW.payload), greatest(now(), latest.ended_at))
        RETURNING * INTO latest;
    ELSIF NEW.status = 'ACK' THEN
        kind := 'acknowledged';
        UPDATE gouvernance.alert_periods
        SET acknowledged_at = NEW.acknowledged_at, acknowledged_by = NEW.acknowledged_by
        WHERE alert_id = NEW.id AND number = latest.number;
    ELSIF NEW.status = 'RESOLVED' THEN
        kind := 'resolved';
        details := CASE
            WHEN person IS NULL THEN jsonb_build_object('outcome', 'gone', 'before', before, 'after', NULL)
            ELSE gouvernance.judge_resolution(
                OLD.check_code, OLD.entity_type, OLD.entity_id, before, context
            )
        END;
        UPDATE gouvernance.alert_periods
        SET ended_at = greatest(NEW.resolved_at, started_at), ended_by = NEW.resolved_by,
            outcome = details ->> 'outcome'
        WHERE alert_id = NEW.id AND number = latest.number;
        IF details ->> 'outcome' = 'accepted' THEN
            kind := 'accepted';
            details := details || (context - 'version' - 'intent');
            INSERT INTO gouvernance.alert_acceptances
                (alert_id, period, accepted_by, reason, comment, until, margin, severity, figure)
            VALUES (
                NEW.id, latest.number, person, context ->> 'reason',
                coalesce(context ->> 'comment', ''), (context ->> 'until')::timestamptz,
                coalesce((context ->> 'margin')::numeric, 10),
                coalesce(details -> 'after' ->> 'severity', NEW.severity),
                (details -> 'after' ->> 'figure')::numeric
            );
        END IF;
    ELSE  -- ACK → OPEN: only an installation's own server does that
        kind := 'refreshed';
        details := gouvernance.gravity(NEW.severity, NEW.message, NEW.payload)
            || '{"changes": {"status": ["ACK", "OPEN"]}}';
        UPDATE gouvernance.alert_periods SET acknowledged_at = NULL, acknowledged_by = NULL
        WHERE alert_id = NEW.id AND number = latest.number;
    END IF;

    IF person IS NOT NULL THEN
        details := details || gouvernance.log_action(to_jsonb(NEW), 'ALERTE_' || upper(kind));
    END IF;
    INSERT INTO gouvernance.alert_events (alert_id, period, kind, source, actor, sync_run, details, at)
    VALUES (NEW.id, latest.number, kind, gouvernance.acting_source(), person,
            gouvernance.acting_run(), details, now());
    RETURN NULL;
END
$$;
-- Named columns, so that an evaluation that only dates a row anew is not even asked.
CREATE OR REPLACE TRIGGER gouvernance_journal_update
    AFTER UPDATE OF status, severity, payload ON public.system_alerts
    FOR EACH ROW
    WHEN (
        OLD.status IS DISTINCT FROM NEW.status OR OLD.severity IS DISTINCT FROM NEW.severity
        OR OLD.payload IS DISTINCT FROM NEW.payload
    )
    EXECUTE FUNCTION gouvernance.journal_update();

-- A note changes nothing else. Raises GV003 when it is empty, GV004 when the alert can't be handled.
CREATE OR REPLACE FUNCTION gouvernance.annotate_alert(p_alert uuid, p_text text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF coalesce(p_text, '') !~ '\S' OR char_length(p_text) > 2000 THEN
        RAISE EXCEPTION 'Une note a de 1 à 2000 caractères.' USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.write_event(p_alert, 'note', jsonb_build_object('text', btrim(p_text)));
END
$$;

-- Hand an alert to somebody who may handle alerts; NULL takes it back.
-- Raises GV003 when the assignee may not, GV004 when the alert can't be handled.
CREATE OR REPLACE FUNCTION gouvernance.assign_alert(p_alert uuid, p_assignee uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    previous uuid;
BEGIN
    IF p_assignee IS NOT NULL
        AND coalesce(gouvernance.role_of(p_assignee), '') NOT IN ('admin', 'directeur')
    THEN
        RAISE EXCEPTION 'Une alerte se confie à un administrateur ou à un directeur.'
            USING ERRCODE = 'GV003';
    END IF;
    PERFORM FROM public.system_alerts WHERE id = p_alert FOR UPDATE;  -- one assignment at a time
    SELECT assignee INTO previous FROM gouvernance.alert_assignments WHERE alert_id = p_alert;
    IF previous IS NOT DISTINCT FROM p_assignee THEN
        RETURN;
    END IF;
    PERFORM gouvernance.write_event(
        p_alert, 'assigned', jsonb_build_object('assignee', p_assignee, 'previous', previous)
    );
    IF p_assignee IS NULL THEN
        DELETE FROM gouvernance.alert_assignments WHERE alert_id = p_alert;
    ELSE
        INSERT INTO gouvernance.alert_assignments (alert_id, assignee, assigned_by)
        VALUES (p_alert, p_assignee, auth.uid())
        ON CONFLICT (alert_id) DO UPDATE
            SET assignee = EXCLUDED.assignee, assigned_by = EXCLUDED.assigned_by, assigned_at = now();
    END IF;
END
$$;

-- The event of a person who may handle alerts, on an alert that exists; GV004 otherwise.
CREATE OR REPLACE FUNCTION gouvernance.write_event(p_alert uuid, p_kind text, p_details jsonb)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    alert public.system_alerts;
BEGIN
    SELECT * INTO alert FROM public.system_alerts WHERE id = p_alert;
    IF alert.id IS NULL
        OR coalesce(gouvernance.role_of(auth.uid()), '') NOT IN ('admin', 'directeur')
    THEN
        RAISE EXCEPTION 'Cette alerte ne peut pas être traitée par vous.' USING ERRCODE = 'GV004';
    END IF;
    INSERT INTO gouvernance.alert_events (alert_id, period, kind, source, actor, details, at)
    VALUES (
        p_alert,
        (SELECT max(number) FROM gouvernance.alert_periods WHERE alert_id = p_alert),
        p_kind, gouvernance.acting_source(), auth.uid(),
        p_details || gouvernance.log_action(to_jsonb(alert), 'ALERTE_' || upper(p_kind)),
        now()
    );
END
$$;

REVOKE ALL ON FUNCTION
    gouvernance.acting_source(), gouvernance.acting_run(), gouvernance.acting_person(),
    gouvernance.alert_version(uuid), gouvernance.occurred_at(jsonb),
    gouvernance.gravity(text, text, jsonb), gouvernance.payload_difference(jsonb, jsonb),
    gouvernance.live_gravity(text, text, uuid),
    gouvernance.judge_resolution(text, text, uuid, jsonb, jsonb),
    gouvernance.log_action(jsonb, text),
    gouvernance.annotate_alert(uuid, text), gouvernance.assign_alert(uuid, uuid),
    gouvernance.write_event(uuid, text, jsonb)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.annotate_alert(uuid, text), gouvernance.assign_alert(uuid, uuid)
    TO authenticated;

-- Alerts that were there before this journal pass through the same trigger.
CREATE TEMPORARY TABLE imported (LIKE public.system_alerts);
CREATE TRIGGER gouvernance_journal_insert
    AFTER INSERT ON pg_temp.imported
    REFERENCING NEW TABLE AS new_alerts
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.journal_insert('import');
INSERT INTO pg_temp.imported
SELECT * FROM public.system_alerts AS a
WHERE NOT EXISTS (SELECT FROM gouvernance.alert_periods AS p WHERE p.alert_id = a.id);
DROP TABLE pg_temp.imported;
