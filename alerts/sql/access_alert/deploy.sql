-- gouvernance.check_acces_suspects → system_alerts: the life of one alert, by the rules of the sync
-- (contract, section 3), which leaves it alone: it is in no v_integrity_checks. Returns what was done:
-- opened, refreshed, reopened or resolved; nothing when there was nothing to do.
CREATE OR REPLACE FUNCTION gouvernance.evaluate_accesses() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    live    record;
    present boolean;
    alert   public.system_alerts;
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('gouvernance.evaluate_accesses'));
    PERFORM pg_catalog.set_config('gouvernance.source', 'sync', true);
    SELECT * INTO live FROM gouvernance.check_acces_suspects;
    present := FOUND;
    SELECT * INTO alert FROM public.system_alerts WHERE check_code = 'ACCES_SUSPECTS' FOR UPDATE;

    UPDATE gouvernance.alert_acceptances AS acceptance
    SET ended_at = now(),
        ended_why = CASE
            WHEN NOT present THEN 'gone' WHEN acceptance.until <= now() THEN 'expired' ELSE 'worse'
        END
    WHERE acceptance.alert_id = alert.id AND acceptance.ended_at IS NULL
        AND (
            NOT present OR acceptance.until <= now()
            OR (live.payload ->> 'figure')::numeric > acceptance.figure * (1 + acceptance.margin / 100)
        );

    IF NOT present THEN
        UPDATE public.system_alerts SET status = 'RESOLVED', resolved_by = NULL, resolved_at = now()
        WHERE id = alert.id AND status IN ('OPEN', 'ACK');
        RETURN CASE WHEN FOUND THEN 'resolved' END;
    END IF;
    IF alert.id IS NULL THEN
        INSERT INTO public.system_alerts
            (check_code, severity, entity_type, entity_id, message, payload,
             first_detected_at, last_detected_at)
        VALUES (live.check_code, live.severity, live.entity_type, live.entity_id, live.message,
                live.payload, now(), now());
        RETURN 'opened';
    END IF;
    IF alert.status IN ('OPEN', 'ACK') THEN
        UPDATE public.system_alerts
        SET severity = live.severity, message = live.message, payload = live.payload,
            last_detected_at = now(), updated_at = now()
        WHERE id = alert.id;
        RETURN 'refreshed';
    END IF;
    IF EXISTS (  -- accepted, and neither over nor worse
        SELECT FROM gouvernance.alert_acceptances WHERE alert_id = alert.id AND ended_at IS NULL
    ) THEN
        RETURN NULL;
    END IF;
    UPDATE public.system_alerts
    SET status = 'OPEN', severity = live.severity, message = live.message, payload = live.payload,
        last_detected_at = now(),
        acknowledged_by = NULL, acknowledged_at = NULL, resolved_by = NULL, resolved_at = NULL
    WHERE id = alert.id;
    RETURN 'reopened';
END
$$;
REVOKE ALL ON FUNCTION gouvernance.evaluate_accesses() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.evaluate_accesses() TO mlpp_gov_app;
