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
EXCEPTION
    WHEN check_violation OR not_null_violation THEN
        RAISE EXCEPTION 'Destinataire inconnu.' USING ERRCODE = 'GV003';
    WHEN unique_violation THEN
        RAISE EXCEPTION 'un essai est déjà en route pour ce destinataire.' USING ERRCODE = 'GV003';
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
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'un essai est déjà en route pour ce destinataire.' USING ERRCODE = 'GV003';
END
$$;

-- When a digest begun then leaves: at the next full hour, or when the quiet hours are over.
CREATE OR REPLACE FUNCTION gouvernance.digest_due(
    p_at timestamptz, p_quiet_from time, p_quiet_to time, p_timezone text
) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = ''
RETURN (
    SELECT CASE
        WHEN CASE
            WHEN p_quiet_from < p_quiet_to THEN hour::time >= p_quiet_from AND hour::time < p_quiet_to
            ELSE hour::time >= p_quiet_from OR hour::time < p_quiet_to
        END
        THEN hour::date + p_quiet_to
            + CASE WHEN hour::time < p_quiet_to THEN interval '0' ELSE interval '1 day' END
        ELSE hour
    END AT TIME ZONE p_timezone
    FROM (SELECT date_trunc('hour', p_at AT TIME ZONE p_timezone) + interval '1 hour' AS hour) AS next
);

-- Whether a period is at least the fourth that its alert began within a day.
CREATE OR REPLACE FUNCTION gouvernance.is_flapping(p_alert uuid, p_number integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = ''
RETURN EXISTS (
    SELECT FROM gouvernance.alert_periods
    WHERE alert_id = p_alert AND number = p_number - 3 AND started_at > now() - interval '24 hours'
);

-- The checks in service that failed in the last run; `key` names the run that last went well.
CREATE OR REPLACE FUNCTION gouvernance.failing_checks() RETURNS TABLE (check_code text, key text, failure text)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT r.check_code, r.check_code || ':' || coalesce((
        SELECT max(good.run) FROM gouvernance.check_runs AS good
        WHERE good.check_code = r.check_code AND good.failure IS NULL
    ), 0), r.failure
    FROM gouvernance.check_runs AS r
    LEFT JOIN gouvernance.checks AS c ON c.code = r.check_code
    WHERE r.run = (SELECT max(id) FROM gouvernance.sync_runs)
        AND r.failure IS NOT NULL AND c.enabled IS DISTINCT FROM false
$$;

-- The people whom rules may mean, as the application says them: [{"person", "role", "user", "since",
-- "mail"}]. Only who has exactly one profile, of an admitted role, is told anything (contract, trap 14).
CREATE OR REPLACE FUNCTION gouvernance.notifiable(p_recipients jsonb)
RETURNS TABLE (recipient text, role text, user_id uuid, since timestamptz, mail boolean)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT 'person:' || p.person, p.role, p."user", p.since, p.mail
    FROM jsonb_to_recordset(p_recipients)
        AS p (person bigint, role text, "user" uuid, since timestamptz, mail boolean)
    WHERE cardinality(gouvernance.profile_roles(p."user")) = 1 AND gouvernance.role_of(p."user") IS NOT NULL
$$;

-- Turn what is true and not yet told into messages that wait, in the local time of p_timezone. Passes are
-- serialised; the messages that wait are held, so that none leaves while something joins it.
--
-- One message for each rule, recipient, topic and check; more than 4 for one recipient become one. A fact
-- joins a message of its kind that waits and was not tried yet. Whoever was sending for 5 minutes is gone.
--
-- OFFSET 0 keeps what was told a search by alert: a join planned on few rows would compare all with all.
CREATE OR REPLACE FUNCTION gouvernance.queue_notifications(p_recipients jsonb, p_timezone text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off AS $$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('gouvernance.notifications'));
    UPDATE gouvernance.notification_messages AS m SET state = 'unknown'
    WHERE m.state = 'sending' AND NOT EXISTS (
        SELECT FROM gouvernance.notification_attempts AS a
        WHERE a.message = m.id AND a.finished_at IS NULL
            AND a.started_at > now() - interval '5 minutes'
    );
    PERFORM FROM gouvernance.notification_messages WHERE state = 'waiting' FOR UPDATE;

    WITH people AS MATERIALIZED (
        SELECT * FROM gouvernance.notifiable(p_recipients)
    ), addressed AS MATERIALIZED (
        SELECT r.id AS rule, r.topic, r.severity, r.check_code, r.depot_id, r.delay_hours,
               p.recipient, greatest(r.since, p.since) AS since,
               CASE WHEN r.recipient = 'assignee' THEN p.user_id END AS assignee
        FROM gouvernance.notification_rules AS r
        JOIN people AS p
            ON (r.recipient = 'role:' || p.role AND p.mail) OR r.recipient = 'assignee'
        WHERE r.enabled
        UNION ALL
        SELECT id, topic, severity, check_code, depot_id, delay_hours, recipient, since, NULL
        FROM gouvernance.notification_rules
        WHERE enabled AND recipient LIKE 'channel:%'
    ), open AS MATERIALIZED (
        SELECT alert_id, number, check_code, severity, started_at, acknowledged_at, due_at
        FROM gouvernance.measured_periods(p_timezone)
        WHERE ended_at IS NULL
    ), facts AS (
        SELECT r.rule, r.recipient, r.depot_id, o.check_code, o.alert_id, o.number,
               'opened' AS topic, o.severity, NULL AS key
        FROM addressed AS r
        JOIN open AS o
            ON (r.severity IS NULL OR r.severity = o.severity)
            AND (r.check_code IS NULL OR r.check_code = o.check_code)
        WHERE r.topic = 'opened'
            AND NOT EXISTS (
                SELECT FROM gouvernance.notification_items AS i
                WHERE i.alert_id = o.alert_id AND i.topic = 'opened' AND i.recipient = r.recipient
                    AND i.period = o.number AND i.severity = o.severity AND i.dropped_at IS NULL
                OFFSET 0
            )
            AND (
                o.started_at >= r.since
                OR o.severity = 'CRITICAL' AND EXISTS (  -- it got worse since
                    SELECT FROM gouvernance.alert_events AS e
                    WHERE e.alert_id = o.alert_id AND e.period = o.number AND e.kind = 'refreshed'
                        AND e.at >= r.since AND e.details ->> 'severity' = 'CRITICAL'
                        AND e.details ->> 'severity_before' = 'WARN'
                )
            )
        UNION ALL
        SELECT r.rule, r.recipient, r.depot_id, o.check_code, o.alert_id, o.number,
               r.topic, NULL, r.delay_hours::text
        FROM addressed AS r
        JOIN open AS o
            ON (r.severity IS NULL OR r.severity = o.severity)
            AND (r.check_code IS NULL OR r.check_code = o.check_code)
            AND CASE r.topic WHEN 'overdue' THEN o.due_at ELSE o.acknowledged_at END
                + make_interval(hours => r.delay_hours) BETWEEN r.since AND now()
        WHERE r.topic IN ('overdue', 'reminder')
            AND NOT EXISTS (
                SELECT FROM gouvernance.notification_items AS i
                WHERE i.alert_id = o.alert_id AND i.topic = r.topic AND i.recipient = r.recipient
                    AND i.period = o.number AND i.key = r.delay_hours::text AND i.dropped_at IS NULL
                OFFSET 0
            )
            AND (r.assignee IS NULL OR r.assignee = (
                SELECT coalesce(s.assignee, p.acknowledged_by)
                FROM gouvernance.alert_periods AS p
                LEFT JOIN gouvernance.alert_assignments AS s USING (alert_id)
                WHERE p.alert_id = o.alert_id AND p.number = o.number
            ))
    ), damped AS (  -- what comes and goes says so once a local day, instead
        SELECT f.rule, f.recipient, f.check_code, f.alert_id,
               CASE WHEN unstable THEN 'flapping' ELSE f.topic END AS topic,
               CASE WHEN NOT unstable THEN f.number END AS period,
               CASE WHEN NOT unstable THEN f.severity END AS severity,
               CASE WHEN unstable THEN to_char(now() AT TIME ZONE p_timezone, 'YYYY-MM-DD')
                   ELSE f.key END AS key
        FROM (
            SELECT *, topic = 'opened' AND number > 3
                AND gouvernance.is_flapping(alert_id, number) AS unstable
            FROM facts
            WHERE depot_id IS NULL OR depot_id::text = (
                SELECT a.payload ->> 'depot_id' FROM public.system_alerts AS a WHERE a.id = alert_id
            )
        ) AS f
    ), failing AS MATERIALIZED (
        SELECT * FROM gouvernance.failing_checks()
    ), news AS (
        SELECT * FROM damped
        UNION ALL
        SELECT r.rule, r.recipient, f.check_code, NULL, r.topic, NULL, NULL, f.key
        FROM addressed AS r
        JOIN failing AS f ON r.check_code IS NULL OR r.check_code = f.check_code
        WHERE r.topic = 'check_failing'
        UNION ALL
        SELECT i.rule, i.recipient, a.check_code, p.alert_id, 'recovered', p.number, NULL, NULL
        FROM gouvernance.alert_periods AS p
        JOIN public.system_alerts AS a ON a.id = p.alert_id AND a.status = 'RESOLVED'
        CROSS JOIN LATERAL (
            SELECT * FROM gouvernance.notification_items AS i
            WHERE i.alert_id = p.alert_id AND i.dropped_at IS NULL
                AND (
                    i.period = p.number AND i.topic IN ('opened', 'overdue', 'reminder')
                    OR i.topic = 'flapping'
                    AND i.key >= to_char(p.started_at AT TIME ZONE p_timezone, 'YYYY-MM-DD')
                )
            OFFSET 0
        ) AS i
        JOIN gouvernance.notification_messages AS m ON m.id = i.message AND m.state = 'sent'
        WHERE p.ended_at > now() - interval '7 days'
            AND NOT EXISTS (
                SELECT FROM gouvernance.alert_periods AS later
                WHERE later.alert_id = p.alert_id AND later.number > p.number
            )
            AND NOT gouvernance.is_flapping(p.alert_id, p.number)
        UNION ALL
        SELECT i.rule, i.recipient, split_part(i.key, ':', 1), NULL, 'recovered', NULL, NULL, i.key
        FROM gouvernance.notification_items AS i
        JOIN gouvernance.notification_messages AS m ON m.id = i.message AND m.state = 'sent'
        JOIN gouvernance.check_runs AS r
            ON r.check_code = split_part(i.key, ':', 1) AND r.failure IS NULL
            AND r.run = (SELECT max(id) FROM gouvernance.sync_runs)
        WHERE i.alert_id IS NULL AND i.topic = 'check_failing' AND i.dropped_at IS NULL
            AND m.created_at > now() - interval '35 days'
    ), fresh AS (
        SELECT DISTINCT ON (n.recipient, n.topic, n.alert_id, n.period, n.severity, n.key)
            n.*, r.topic AS rule_topic, r.delivery = 'digest' AS digest, r.quiet_from, r.quiet_to
        FROM news AS n
        JOIN gouvernance.notification_rules AS r ON r.id = n.rule AND r.enabled
        WHERE (n.topic <> 'recovered' OR r.recovery)
            AND (n.recipient LIKE 'channel:%' OR n.recipient IN (SELECT p.recipient FROM people AS p))
            AND (n.topic IN ('opened', 'overdue', 'reminder') OR NOT EXISTS (
                SELECT FROM gouvernance.notification_items AS i
                WHERE i.alert_id = n.alert_id AND i.topic = n.topic AND i.recipient = n.recipient
                    AND i.dropped_at IS NULL AND i.period IS NOT DISTINCT FROM n.period
                    AND i.key IS NOT DISTINCT FROM n.key
                OFFSET 0
            ))
            AND (n.alert_id IS NOT NULL OR NOT EXISTS (
                SELECT FROM gouvernance.notification_items AS i
                WHERE i.alert_id IS NULL AND i.topic = n.topic
                    AND i.recipient = n.recipient AND i.key = n.key AND i.dropped_at IS NULL
                OFFSET 0
            ))
        ORDER BY n.recipient, n.topic, n.alert_id, n.period, n.severity, n.key,
                 r.delivery = 'digest', n.rule
    ), causes AS (
        SELECT DISTINCT recipient, rule, topic, check_code FROM fresh WHERE NOT digest
    ), storms AS (
        SELECT recipient, (array_agg(topic ORDER BY array_position(ARRAY[
            'opened', 'overdue', 'check_failing', 'flapping', 'reminder', 'recovered'
        ], topic)))[1] AS topic
        FROM causes
        GROUP BY recipient
        HAVING count(*) > 4
    ), grouped AS (
        SELECT f.recipient, f.topic, f.alert_id, f.period, f.severity, f.key, f.rule, f.digest,
               CASE WHEN f.digest OR s.recipient IS NULL THEN f.rule END AS of_rule,
               CASE WHEN f.digest THEN f.rule_topic ELSE coalesce(s.topic, f.topic) END AS of_topic,
               CASE WHEN NOT f.digest AND s.recipient IS NULL THEN f.check_code END AS of_check,
               CASE
                   WHEN f.digest
                   THEN gouvernance.digest_due(now(), f.quiet_from, f.quiet_to, p_timezone)
                   ELSE now()
               END AS due_at
        FROM fresh AS f
        LEFT JOIN storms AS s ON s.recipient = f.recipient
    ), kinds AS (
        SELECT of_rule, recipient, of_topic, of_check, min(due_at) AS due_at, (
            SELECT min(m.id) FROM gouvernance.notification_messages AS m
            WHERE m.state = 'waiting' AND m.recipient = g.recipient AND m.topic = g.of_topic
                AND m.rule IS NOT DISTINCT FROM g.of_rule
                AND m.check_code IS NOT DISTINCT FROM g.of_check
                AND NOT EXISTS (
                    SELECT FROM gouvernance.notification_attempts AS a WHERE a.message = m.id
                )
        ) AS message
        FROM grouped AS g
        GROUP BY of_rule, recipient, of_topic, of_check
    ), begun AS (
        INSERT INTO gouvernance.notification_messages (rule, topic, recipient, check_code, due_at)
        SELECT of_rule, of_topic, recipient, of_check, due_at FROM kinds WHERE message IS NULL
        RETURNING id, rule, topic, recipient, check_code
    )
    INSERT INTO gouvernance.notification_items
        (message, rule, recipient, topic, alert_id, period, severity, key)
    SELECT coalesce(k.message, b.id), g.rule, g.recipient, g.topic, g.alert_id, g.period, g.severity, g.key
    FROM grouped AS g
    JOIN kinds AS k
        ON k.recipient = g.recipient AND k.of_topic = g.of_topic
        AND k.of_rule IS NOT DISTINCT FROM g.of_rule AND k.of_check IS NOT DISTINCT FROM g.of_check
    LEFT JOIN begun AS b
        ON b.recipient = g.recipient AND b.topic = g.of_topic
        AND b.rule IS NOT DISTINCT FROM g.of_rule AND b.check_code IS NOT DISTINCT FROM g.of_check
    ON CONFLICT DO NOTHING;
END
$$;

-- Take a message that is due, to send it: its attempt is then committed as begun. What is over by now is
-- dropped; a message of which nothing is left becomes void. No row: there is nothing to send.
-- `facts`: [{topic, check, outcome, severity, count, lines: at most 5 [{alert, text, severity, at}]}].
CREATE OR REPLACE FUNCTION gouvernance.claim_notification(
    p_message bigint, p_timezone text,
    OUT attempt bigint, OUT recipient text, OUT topic text, OUT check_code text, OUT details boolean,
    OUT subject text, OUT body text, OUT facts jsonb
) RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off AS $$
BEGIN
    SELECT m.recipient, m.topic, m.check_code, m.subject, m.body
    INTO recipient, topic, check_code, subject, body
    FROM gouvernance.notification_messages AS m
    WHERE m.id = p_message AND m.state = 'waiting' AND m.due_at <= now()
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    UPDATE gouvernance.notification_items AS i SET dropped_at = now()
    WHERE i.message = p_message AND i.dropped_at IS NULL AND NOT (
        EXISTS (SELECT FROM gouvernance.notification_rules AS r WHERE r.id = i.rule AND r.enabled)
        AND CASE
            WHEN i.topic IN ('opened', 'overdue', 'reminder') THEN EXISTS (
                SELECT FROM gouvernance.alert_periods AS p
                JOIN public.system_alerts AS a ON a.id = p.alert_id
                WHERE p.alert_id = i.alert_id AND p.number = i.period AND p.ended_at IS NULL
                    AND CASE i.topic
                        WHEN 'opened' THEN p.severity = i.severity
                            AND NOT gouvernance.is_flapping(p.alert_id, p.number)
                        WHEN 'overdue'
                        THEN gouvernance.due_at(a.check_code, p.severity, p.started_at, p_timezone)
                            + make_interval(hours => i.key::integer) <= now()
                        ELSE p.acknowledged_at + make_interval(hours => i.key::integer) <= now()
                    END
            )
            WHEN i.topic = 'recovered' AND i.alert_id IS NOT NULL THEN EXISTS (
                SELECT FROM public.system_alerts AS a WHERE a.id = i.alert_id AND a.status = 'RESOLVED'
            )
            WHEN i.topic = 'recovered' THEN EXISTS (
                SELECT FROM gouvernance.check_runs AS r
                WHERE r.check_code = split_part(i.key, ':', 1) AND r.failure IS NULL
                    AND r.run = (SELECT max(id) FROM gouvernance.sync_runs)
            )
            WHEN i.topic = 'check_failing' THEN EXISTS (
                SELECT FROM gouvernance.failing_checks() AS f WHERE f.key = i.key
            )
            ELSE true
        END
    );
    IF topic <> 'test' AND NOT EXISTS (
        SELECT FROM gouvernance.notification_items AS i
        WHERE i.message = p_message AND i.dropped_at IS NULL
    ) THEN
        UPDATE gouvernance.notification_messages SET state = 'void' WHERE id = p_message;
        RETURN;
    END IF;

    SELECT claim_notification.recipient LIKE 'person:%' OR coalesce(bool_and(r.details), true) INTO details
    FROM gouvernance.notification_items AS i
    JOIN gouvernance.notification_rules AS r ON r.id = i.rule
    WHERE i.message = p_message AND i.dropped_at IS NULL;

    SELECT coalesce(jsonb_agg(to_jsonb(g)), '[]') INTO facts
    FROM (
        SELECT i.topic, c.code AS "check", p.outcome, min(i.severity) AS severity, count(*) AS count,
               to_jsonb((array_agg(
                   jsonb_build_object(
                       'alert', a.id, 'text', coalesce(a.message, f.failure),
                       'severity', p.severity, 'at', p.started_at
                   ) ORDER BY p.severity, p.started_at, a.id
               ))[:5]) AS lines
        FROM gouvernance.notification_items AS i
        LEFT JOIN public.system_alerts AS a ON a.id = i.alert_id
        LEFT JOIN LATERAL (
            SELECT * FROM gouvernance.alert_periods AS p
            WHERE p.alert_id = i.alert_id AND p.number <= coalesce(i.period, p.number)
            ORDER BY p.number DESC LIMIT 1
        ) AS p ON true
        LEFT JOIN gouvernance.failing_checks() AS f ON i.topic = 'check_failing' AND f.key = i.key
        CROSS JOIN LATERAL (SELECT coalesce(a.check_code, split_part(i.key, ':', 1)) AS code) AS c
        WHERE i.message = p_message AND i.dropped_at IS NULL
        GROUP BY i.topic, c.code, p.outcome
        ORDER BY array_position(ARRAY[
            'opened', 'overdue', 'check_failing', 'flapping', 'reminder', 'recovered'
        ], i.topic), min(p.severity), c.code
    ) AS g;

    UPDATE gouvernance.notification_messages SET state = 'sending' WHERE id = p_message;
    INSERT INTO gouvernance.notification_attempts (message, started_at)
    VALUES (p_message, clock_timestamp())
    RETURNING id INTO attempt;
    RETURN NEXT;
END
$$;

-- What the message of an attempt under way says, kept before it leaves.
CREATE OR REPLACE FUNCTION gouvernance.word_notification(p_attempt bigint, p_subject text, p_body text)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
    UPDATE gouvernance.notification_messages AS m SET subject = p_subject, body = p_body
    FROM gouvernance.notification_attempts AS a
    WHERE a.id = p_attempt AND a.finished_at IS NULL AND m.id = a.message;
END;

-- End an attempt: sent, or why not. Returns when the next one is due; NULL when there is none, because it
-- was sent, because trying again is vain, for a test, or after the sixth. One that has ended is left as it
-- was.
CREATE OR REPLACE FUNCTION gouvernance.finish_notification(
    p_attempt bigint, p_failure text DEFAULT NULL, p_permanent boolean DEFAULT false
) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    this_message bigint;
    retry_at timestamptz;
BEGIN
    UPDATE gouvernance.notification_attempts
    SET finished_at = clock_timestamp(), failure = left(p_failure, 500),
        outcome = CASE WHEN p_failure IS NULL THEN 'sent' ELSE 'failed' END
    WHERE id = p_attempt AND finished_at IS NULL
    RETURNING message INTO this_message;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF p_failure IS NOT NULL AND NOT p_permanent THEN
        SELECT clock_timestamp() + (ARRAY[
            interval '1 minute', '2 minutes', '5 minutes', '15 minutes', '60 minutes'
        ])[count(*)] INTO retry_at
        FROM gouvernance.notification_attempts AS a
        JOIN gouvernance.notification_messages AS m ON m.id = a.message
        WHERE a.message = this_message AND m.topic <> 'test';
    END IF;
    UPDATE gouvernance.notification_messages
    SET state = CASE
            WHEN p_failure IS NULL THEN 'sent'
            WHEN retry_at IS NULL THEN 'given_up'
            ELSE 'waiting'
        END,
        due_at = coalesce(retry_at, due_at)
    WHERE id = this_message;
    RETURN retry_at;
END
$$;

-- The figures of a week, and of the one before, for the report: counts of everybody's alerts, no names.
CREATE OR REPLACE FUNCTION gouvernance.report_figures(
    p_previous timestamptz, p_from timestamptz, p_to timestamptz, p_timezone text
) RETURNS TABLE (is_current boolean, metric text, number bigint, median double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT true, metric, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)
    FROM gouvernance.measures(p_from, p_to, p_timezone)
    GROUP BY metric
    UNION ALL
    SELECT false, metric, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)
    FROM gouvernance.measures(p_previous, p_from, p_timezone)
    GROUP BY metric
$$;

-- Queue the report of a week (its ISO number, once for each recipient) where a rule made before p_at
-- asks for it. Returns how many messages it queued.
CREATE OR REPLACE FUNCTION gouvernance.queue_report(
    p_recipients jsonb, p_at timestamptz, p_week text, p_subject text, p_body text
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    addressee record;
    new_message bigint;
    queued integer := 0;
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('gouvernance.notifications'));
    FOR addressee IN
        SELECT DISTINCT ON (recipient) rule, recipient
        FROM (
            SELECT r.id AS rule, coalesce(p.recipient, r.recipient) AS recipient
            FROM gouvernance.notification_rules AS r
            LEFT JOIN gouvernance.notifiable(p_recipients) AS p
                ON r.recipient = 'role:' || p.role AND p.mail AND p.since <= p_at
            WHERE r.enabled AND r.topic = 'weekly_report' AND r.since <= p_at
                AND (p.recipient IS NOT NULL OR r.recipient LIKE 'channel:%')
        ) AS asked
        WHERE NOT EXISTS (
            SELECT FROM gouvernance.notification_items AS i
            WHERE i.alert_id IS NULL AND i.topic = 'weekly_report'
                AND i.recipient = asked.recipient AND i.key = p_week AND i.dropped_at IS NULL
        )
        ORDER BY recipient, rule
    LOOP
        INSERT INTO gouvernance.notification_messages (rule, topic, recipient, subject, body)
        VALUES (addressee.rule, 'weekly_report', addressee.recipient, p_subject, p_body)
        RETURNING id INTO new_message;
        INSERT INTO gouvernance.notification_items (message, rule, recipient, topic, key)
        VALUES (new_message, addressee.rule, addressee.recipient, 'weekly_report', p_week);
        queued := queued + 1;
    END LOOP;
    RETURN queued;
END
$$;

REVOKE ALL ON FUNCTION
    gouvernance.set_notification_rule(
        bigint, text, text, text, uuid, text, text, integer, time, time, boolean, boolean, boolean),
    gouvernance.remove_notification_rule(bigint),
    gouvernance.queue_test(text), gouvernance.resend(bigint),
    gouvernance.digest_due(timestamptz, time, time, text), gouvernance.is_flapping(uuid, integer),
    gouvernance.failing_checks(), gouvernance.notifiable(jsonb),
    gouvernance.queue_notifications(jsonb, text), gouvernance.claim_notification(bigint, text),
    gouvernance.word_notification(bigint, text, text),
    gouvernance.finish_notification(bigint, text, boolean),
    gouvernance.report_figures(timestamptz, timestamptz, timestamptz, text),
    gouvernance.queue_report(jsonb, timestamptz, text, text, text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.set_notification_rule(
        bigint, text, text, text, uuid, text, text, integer, time, time, boolean, boolean, boolean),
    gouvernance.remove_notification_rule(bigint),
    gouvernance.queue_test(text), gouvernance.resend(bigint)
    TO authenticated;
GRANT EXECUTE ON FUNCTION
    gouvernance.queue_notifications(jsonb, text), gouvernance.claim_notification(bigint, text),
    gouvernance.word_notification(bigint, text, text),
    gouvernance.finish_notification(bigint, text, boolean),
    gouvernance.report_figures(timestamptz, timestamptz, timestamptz, text),
    gouvernance.queue_report(jsonb, timestamptz, text, text, text)
    TO mlpp_gov_app;
