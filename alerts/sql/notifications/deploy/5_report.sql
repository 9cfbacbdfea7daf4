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
