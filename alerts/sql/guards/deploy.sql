-- What a person's own SQL may do to an alert (contract, section 3 and trap 11): OPEN → ACK → RESOLVED
-- and OPEN → RESOLVED, with actors and times from the database. The table's owner (the sync runs as
-- it) and service_role (BYPASSRLS, ML_PP's own server key) are the system.
CREATE OR REPLACE FUNCTION gouvernance.guard_system_alerts() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    acting_as_owner CONSTANT boolean := pg_catalog.pg_has_role(
        current_user, (SELECT relowner FROM pg_catalog.pg_class WHERE oid = TG_RELID), 'MEMBER'
    );
BEGIN
    IF acting_as_owner OR current_user = 'service_role' THEN
        RETURN NEW;
    END IF;

    IF (to_jsonb(NEW) - 'status' - 'acknowledged_by' - 'acknowledged_at' - 'resolved_by'
            - 'resolved_at' - 'updated_at')
        IS DISTINCT FROM
       (to_jsonb(OLD) - 'status' - 'acknowledged_by' - 'acknowledged_at' - 'resolved_by'
            - 'resolved_at' - 'updated_at')
    THEN
        RAISE EXCEPTION 'Une alerte ne se modifie pas à la main : seul son état change.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;

    IF (OLD.status, NEW.status) NOT IN (('OPEN', 'ACK'), ('OPEN', 'RESOLVED'), ('ACK', 'RESOLVED')) THEN
        RAISE EXCEPTION 'Transition refusée : % → %.', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;

    IF auth.uid() IS NULL THEN
        RAISE EXCEPTION 'Transition refusée : personne n’est identifié.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;

    NEW.acknowledged_by := OLD.acknowledged_by;
    NEW.acknowledged_at := OLD.acknowledged_at;
    NEW.resolved_by := OLD.resolved_by;
    NEW.resolved_at := OLD.resolved_at;
    IF NEW.status = 'ACK' THEN
        NEW.acknowledged_by := auth.uid();
        NEW.acknowledged_at := now();
    ELSE
        NEW.resolved_by := auth.uid();
        NEW.resolved_at := now();
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

-- Triggers fire in the order of their names: this one must have the last word.
-- The owner is named in the condition so that an evaluation pays nothing for each row it refreshes.
DO $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER zz_gouvernance_guard_update'
        ' BEFORE UPDATE ON public.system_alerts'
        ' FOR EACH ROW WHEN (current_user <> %L)'
        ' EXECUTE FUNCTION gouvernance.guard_system_alerts()',
        (SELECT relowner::regrole FROM pg_catalog.pg_class
         WHERE oid = 'public.system_alerts'::pg_catalog.regclass)
    );
END
$$;

-- An older trigger of the installation may date an acknowledgement anew each time the system refreshes
-- the row: it never changes while the alert stays acknowledged (contract, section 3).
CREATE OR REPLACE FUNCTION gouvernance.keep_acknowledgement() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.acknowledged_by := OLD.acknowledged_by;
    NEW.acknowledged_at := OLD.acknowledged_at;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER zz_gouvernance_guard_acknowledgement
    BEFORE UPDATE ON public.system_alerts
    FOR EACH ROW WHEN (
        NEW.status = 'ACK' AND OLD.status = 'ACK'
        AND (NEW.acknowledged_by, NEW.acknowledged_at)
            IS DISTINCT FROM (OLD.acknowledged_by, OLD.acknowledged_at)
    )
    EXECUTE FUNCTION gouvernance.keep_acknowledgement();

CREATE OR REPLACE FUNCTION gouvernance.refuse_deletion() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'Une alerte ne se supprime jamais.' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE OR REPLACE TRIGGER zz_gouvernance_guard_delete
    BEFORE DELETE ON public.system_alerts
    FOR EACH ROW EXECUTE FUNCTION gouvernance.refuse_deletion();

CREATE OR REPLACE TRIGGER zz_gouvernance_guard_truncate
    BEFORE TRUNCATE ON public.system_alerts
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_deletion();
