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
