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
