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

-- A test at a time, however often somebody clicks.
CREATE UNIQUE INDEX IF NOT EXISTS notification_messages_one_test
    ON gouvernance.notification_messages (recipient)
    WHERE topic = 'test' AND state IN ('waiting', 'sending');

-- Nobody writes but the functions below. What a message says is what alerts say: the three who may read
-- alerts read it, as themselves; the application's login sees only that there is one.
DO $$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY ARRAY[
        'notification_rules', 'notification_rule_changes', 'notification_messages', 'notification_items',
        'notification_attempts'
    ] LOOP
        EXECUTE format('ALTER TABLE gouvernance.%I ENABLE ROW LEVEL SECURITY', relation);
        EXECUTE format(
            'REVOKE ALL ON gouvernance.%I FROM PUBLIC, mlpp_gov_app, authenticated, service_role', relation
        );
        EXECUTE format('DROP POLICY IF EXISTS gouvernance_app ON gouvernance.%I', relation);
        EXECUTE format('DROP POLICY IF EXISTS gouvernance_read ON gouvernance.%I', relation);
        EXECUTE format(
            'CREATE POLICY gouvernance_app ON gouvernance.%I FOR SELECT TO mlpp_gov_app USING (true)',
            relation
        );
        EXECUTE format(
            'CREATE POLICY gouvernance_read ON gouvernance.%I FOR SELECT TO authenticated'
            ' USING ((SELECT gouvernance.role_of(auth.uid())) IN (''admin'', ''directeur'', ''pca''))',
            relation
        );
    END LOOP;
END
$$;
GRANT SELECT ON
    gouvernance.notification_rules, gouvernance.notification_rule_changes,
    gouvernance.notification_attempts
    TO mlpp_gov_app, authenticated;
GRANT SELECT ON gouvernance.notification_messages TO authenticated;
GRANT SELECT (id, recipient, due_at, state) ON gouvernance.notification_messages TO mlpp_gov_app;

CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON gouvernance.notification_rule_changes
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting();
