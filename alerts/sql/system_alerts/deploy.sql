-- Contract, section 3. On an installation that already has the table, the runner leaves it alone.
CREATE TABLE IF NOT EXISTS public.system_alerts (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    check_code        text NOT NULL,
    severity          text NOT NULL CHECK (severity IN ('CRITICAL', 'WARN')),
    entity_type       text NOT NULL,
    entity_id         uuid NOT NULL,
    message           text NOT NULL,
    payload           jsonb NOT NULL DEFAULT '{}',
    status            text NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN', 'ACK', 'RESOLVED')),
    first_detected_at timestamptz NOT NULL DEFAULT now(),
    last_detected_at  timestamptz NOT NULL DEFAULT now(),
    acknowledged_by   uuid,
    acknowledged_at   timestamptz,
    resolved_by       uuid,
    resolved_at       timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (check_code, entity_type, entity_id)
) WITH (fillfactor = 45);

ALTER TABLE public.system_alerts ENABLE ROW LEVEL SECURITY;

-- Default grants differ between installations (contract, traps 20 and 21): state them all.
REVOKE ALL ON public.system_alerts FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT, UPDATE (status) ON public.system_alerts TO authenticated;
GRANT SELECT, INSERT, UPDATE ON public.system_alerts TO service_role;

CREATE OR REPLACE FUNCTION gouvernance.system_alerts_set_updated_at() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER trg_system_alerts_set_updated_at
    BEFORE UPDATE ON public.system_alerts
    FOR EACH ROW WHEN (NEW.updated_at IS DISTINCT FROM now())
    EXECUTE FUNCTION gouvernance.system_alerts_set_updated_at();

-- auth.uid() is NULL outside a person's session: the system resolves with resolved_by NULL.
CREATE OR REPLACE FUNCTION gouvernance.system_alerts_set_actor() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    CASE NEW.status
        WHEN 'OPEN' THEN
            NEW.acknowledged_by := NULL;
            NEW.acknowledged_at := NULL;
            NEW.resolved_by := NULL;
            NEW.resolved_at := NULL;
        WHEN 'ACK' THEN
            NEW.acknowledged_by := auth.uid();
            NEW.acknowledged_at := now();
        ELSE
            NEW.resolved_by := auth.uid();
            NEW.resolved_at := now();
    END CASE;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER trg_system_alerts_set_actor
    BEFORE UPDATE OF status ON public.system_alerts
    FOR EACH ROW WHEN (NEW.status IS DISTINCT FROM OLD.status)
    EXECUTE FUNCTION gouvernance.system_alerts_set_actor();
