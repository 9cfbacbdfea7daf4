-- Who is told what, and when. A pass compares what is true now with what was already told: nothing is
-- missed, nothing is told twice, and after an outage only the present state is. docs/notifications.md
-- says it to operators.

CREATE TABLE IF NOT EXISTS gouvernance.notification_rules (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic       text NOT NULL CHECK (topic IN (
        'opened', 'overdue', 'reminder', 'check_failing', 'weekly_report'
    )),
    severity    text CHECK (severity IN ('CRITICAL', 'WARN')),  -- NULL: both
    check_code  text,  -- NULL: all
    depot_id    uuid,  -- NULL: all
    recipient   text NOT NULL CHECK (
        recipient ~ '^(role:(admin|directeur|pca)|channel:[a-z0-9-]{1,30})$'
        OR recipient = 'assignee' AND topic = 'reminder'
    ),
    delivery    text NOT NULL CHECK (delivery IN ('at_once', 'digest')),
    delay_hours integer NOT NULL DEFAULT 0 CHECK (delay_hours BETWEEN 0 AND 8760),
    quiet_from  time,  -- local; the end may be on the next day
    quiet_to    time,
    details     boolean NOT NULL DEFAULT false,  -- may what alerts say leave through a channel?
    recovery    boolean NOT NULL DEFAULT true,
    enabled     boolean NOT NULL DEFAULT true,
    since       timestamptz NOT NULL DEFAULT now(),  -- what was true before is no news
    CHECK (topic IN ('opened', 'overdue', 'reminder') OR (severity IS NULL AND depot_id IS NULL)),
    CHECK (topic <> 'weekly_report' OR (check_code IS NULL AND delivery = 'at_once')),
    CHECK (topic IN ('overdue', 'reminder') OR delay_hours = 0),
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
    CHECK (quiet_from <> quiet_to),
    CHECK (delivery = 'digest' OR quiet_from IS NULL)
);

-- Every change by a person; NULL where there was, or is, no such rule.
CREATE TABLE IF NOT EXISTS gouvernance.notification_rule_changes (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now(),
    actor  uuid NOT NULL,  -- auth.users.id
    rule   bigint NOT NULL,
    before jsonb,
    after  jsonb
);

-- waiting → sending → sent; back to waiting after a failure, given_up after the last. void: nothing in
-- it was true any longer. unknown: whoever sent it disappeared half way; it is never sent again by itself.
CREATE TABLE IF NOT EXISTS gouvernance.notification_messages (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule         bigint,  -- NULL: a test, or several rules at once
    topic        text NOT NULL CHECK (topic IN (
        'opened', 'overdue', 'reminder', 'check_failing', 'weekly_report', 'recovered', 'flapping', 'test'
    )),
    recipient    text NOT NULL CHECK (recipient ~ '^(person:[0-9]{1,18}|channel:[a-z0-9-]{1,30})$'),
    check_code   text,  -- NULL: several causes
    created_at   timestamptz NOT NULL DEFAULT now(),
    due_at       timestamptz NOT NULL DEFAULT now(),
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN (
        'waiting', 'sending', 'sent', 'void', 'given_up', 'unknown'
    )),
    subject      text,  -- as sent
    body         text,
    requested_by uuid   -- auth.users.id of who asked for the test, or for another try
);
CREATE INDEX IF NOT EXISTS notification_messages_pending
    ON gouvernance.notification_messages (due_at) WHERE state IN ('waiting', 'sending');

-- What a message tells. One recipient is told one fact once, unless it was over before it was told.
CREATE TABLE IF NOT EXISTS gouvernance.notification_items (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message    bigint NOT NULL REFERENCES gouvernance.notification_messages,
    rule       bigint,
    recipient  text NOT NULL,
    topic      text NOT NULL,
    alert_id   uuid,
    period     integer,
    severity   text,
    key        text,  -- delay in hours, day of instability, check:run, ISO week
    dropped_at timestamptz  -- when it turned out to be over, just before it would have been told
);
CREATE UNIQUE INDEX IF NOT EXISTS notification_items_once
    ON gouvernance.notification_items (alert_id, topic, recipient, period, severity, key)
    NULLS NOT DISTINCT WHERE dropped_at IS NULL;
CREATE INDEX IF NOT EXISTS notification_items_message ON gouvernance.notification_items (message);

-- Each try to send, committed before it starts.
CREATE TABLE IF NOT EXISTS gouvernance.notification_attempts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message     bigint NOT NULL REFERENCES gouvernance.notification_messages,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    outcome     text CHECK (outcome IN ('sent', 'failed')),
    failure     text,
    CHECK ((finished_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX IF NOT EXISTS notification_attempts_message ON gouvernance.notification_attempts (message, id);

REVOKE ALL ON
    gouvernance.notification_rules, gouvernance.notification_rule_changes,
    gouvernance.notification_messages, gouvernance.notification_items, gouvernance.notification_attempts
    FROM PUBLIC, mlpp_gov_app, authenticated, service_role;
GRANT SELECT ON
    gouvernance.notification_rules, gouvernance.notification_rule_changes,
    gouvernance.notification_messages, gouvernance.notification_items, gouvernance.notification_attempts
    TO mlpp_gov_app;

CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON gouvernance.notification_rule_changes
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting();

-- The rules to begin with, once: an administrator may take any of them away.
INSERT INTO gouvernance.notification_rules
    (topic, severity, recipient, delivery, delay_hours, quiet_from, quiet_to, enabled)
SELECT *
FROM (VALUES
    ('opened', 'CRITICAL', 'role:directeur', 'at_once', 0, NULL::time, NULL::time, true),
    ('opened', 'CRITICAL', 'role:admin', 'at_once', 0, NULL, NULL, true),
    ('opened', 'WARN', 'role:directeur', 'digest', 0, '20:00', '06:00', true),
    ('overdue', NULL, 'role:directeur', 'at_once', 0, NULL, NULL, true),
    ('overdue', NULL, 'role:admin', 'at_once', 24, NULL, NULL, true),
    ('reminder', NULL, 'assignee', 'at_once', 24, NULL, NULL, true),
    ('reminder', NULL, 'role:directeur', 'at_once', 48, NULL, NULL, true),
    ('check_failing', NULL, 'role:admin', 'at_once', 0, NULL, NULL, true),
    ('weekly_report', NULL, 'role:directeur', 'at_once', 0, NULL, NULL, false),
    ('weekly_report', NULL, 'role:pca', 'at_once', 0, NULL, NULL, false)
) AS initial
WHERE NOT EXISTS (SELECT FROM gouvernance.notification_rules)
    AND NOT EXISTS (SELECT FROM gouvernance.notification_rule_changes);

-- Write a rule, a new one when p_rule is NULL, and return its id. Only an administrator: GV004 for
-- anybody else, GV003 when what is asked is not possible. A rule that begins to hold, or holds for
-- something else, tells what becomes true from now on.
CREATE OR REPLACE FUNCTION gouvernance.set_notification_rule(
    p_rule bigint, p_topic text, p_severity text, p_check text, p_depot uuid, p_recipient text,
    p_delivery text, p_delay_hours integer, p_quiet_from time, p_quiet_to time,
    p_details boolean, p_recovery boolean, p_enabled boolean
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    previous gouvernance.notification_rules;
    following gouvernance.notification_rules;
BEGIN
    PERFORM gouvernance.require_administrator();
    IF p_check IS NOT NULL AND NOT EXISTS (SELECT FROM gouvernance.checks WHERE code = p_check) THEN
        RAISE EXCEPTION 'Contrôle inconnu.' USING ERRCODE = 'GV003';
    END IF;
    IF p_depot IS NOT NULL AND NOT EXISTS (SELECT FROM public.depots WHERE id = p_depot) THEN
        RAISE EXCEPTION 'Dépôt inconnu.' USING ERRCODE = 'GV003';
    END IF;
    IF p_rule IS NULL THEN
        INSERT INTO gouvernance.notification_rules
            (topic, severity, check_code, depot_id, recipient, delivery, delay_hours, quiet_from,
             quiet_to, details, recovery, enabled)
        VALUES (p_topic, p_severity, p_check, p_depot, p_recipient, p_delivery, p_delay_hours,
                p_quiet_from, p_quiet_to, p_details, p_recovery, p_enabled)
        RETURNING * INTO following;
    ELSE
        SELECT * INTO previous FROM gouvernance.notification_rules WHERE id = p_rule FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'Règle inconnue.' USING ERRCODE = 'GV003';
        END IF;
        UPDATE gouvernance.notification_rules
        SET topic = p_topic, severity = p_severity, check_code = p_check, depot_id = p_depot,
            recipient = p_recipient, delivery = p_delivery, delay_hours = p_delay_hours,
            quiet_from = p_quiet_from, quiet_to = p_quiet_to, details = p_details,
            recovery = p_recovery, enabled = p_enabled,
            since = CASE
                WHEN previous.enabled AND
                    (previous.topic, previous.severity, previous.check_code, previous.depot_id,
                     previous.recipient)
                    IS NOT DISTINCT FROM (p_topic, p_severity, p_check, p_depot, p_recipient)
                THEN since
                ELSE now()
            END
        WHERE id = p_rule
        RETURNING * INTO following;
    END IF;
    IF previous IS DISTINCT FROM following THEN
        INSERT INTO gouvernance.notification_rule_changes (actor, rule, before, after)
        VALUES (
            auth.uid(), following.id,
            CASE WHEN p_rule IS NOT NULL THEN to_jsonb(previous) - 'id' END,
            to_jsonb(following) - 'id'
        );
    END IF;
    RETURN following.id;
EXCEPTION WHEN check_violation OR not_null_violation THEN
    RAISE EXCEPTION 'Règle refusée : ces réglages ne vont pas ensemble.'
        USING ERRCODE = 'GV003', DETAIL = SQLERRM;
END
$$;

-- Take a rule away; what it has not told yet is not told. One that isn't there is no error.
CREATE OR REPLACE FUNCTION gouvernance.remove_notification_rule(p_rule bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    previous gouvernance.notification_rules;
BEGIN
    PERFORM gouvernance.require_administrator();
    DELETE FROM gouvernance.notification_rules WHERE id = p_rule RETURNING * INTO previous;
    IF FOUND THEN
        INSERT INTO gouvernance.notification_rule_changes (actor, rule, before)
        VALUES (auth.uid(), p_rule, to_jsonb(previous) - 'id');
    END IF;
END
$$;

-- A test for a recipient: an administrator's to any, a governance person's to themself; GV004 otherwise,
-- GV003 for what is no recipient. Returns the message's id.
CREATE OR REPLACE FUNCTION gouvernance.queue_test(p_recipient text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    new_message bigint;
BEGIN
    IF gouvernance.role_of(auth.uid()) IS NULL OR NOT EXISTS (
        SELECT FROM gouvernance.mlpp_gov_user
        WHERE supabase_user_id = auth.uid() AND p_recipient = 'person:' || id
    ) THEN
        PERFORM gouvernance.require_administrator();
    END IF;
    INSERT INTO gouvernance.notification_messages (topic, recipient, requested_by)
    VALUES ('test', p_recipient, auth.uid())
    RETURNING id INTO new_message;
    RETURN new_message;
EXCEPTION WHEN check_violation OR not_null_violation THEN
    RAISE EXCEPTION 'Destinataire inconnu.' USING ERRCODE = 'GV003';
END
$$;

-- Try again what was given up or ended nobody knows how; an administrator decides. What is no longer
-- true is left out then too. GV003 for a message in any other state.
CREATE OR REPLACE FUNCTION gouvernance.resend(p_message bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM gouvernance.require_administrator();
    UPDATE gouvernance.notification_messages
    SET state = 'waiting', due_at = now(), requested_by = auth.uid()
    WHERE id = p_message AND state IN ('given_up', 'unknown');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Ce message n’attend pas d’être renvoyé.' USING ERRCODE = 'GV003';
    END IF;
END
$$;

REVOKE ALL ON FUNCTION
    gouvernance.set_notification_rule(
        bigint, text, text, text, uuid, text, text, integer, time, time, boolean, boolean, boolean),
    gouvernance.remove_notification_rule(bigint),
    gouvernance.queue_test(text), gouvernance.resend(bigint)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.set_notification_rule(
        bigint, text, text, text, uuid, text, text, integer, time, time, boolean, boolean, boolean),
    gouvernance.remove_notification_rule(bigint),
    gouvernance.queue_test(text), gouvernance.resend(bigint)
    TO authenticated;
