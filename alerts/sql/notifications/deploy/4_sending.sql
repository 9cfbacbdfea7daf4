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
