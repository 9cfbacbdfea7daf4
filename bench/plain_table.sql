CREATE SCHEMA plain;
CREATE TABLE plain.system_alerts (LIKE public.system_alerts INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE plain.system_alerts ADD PRIMARY KEY (id), ADD UNIQUE (check_code, entity_type, entity_id);
CREATE TRIGGER trg_system_alerts_set_updated_at
    BEFORE UPDATE ON plain.system_alerts
    FOR EACH ROW EXECUTE FUNCTION gouvernance.system_alerts_set_updated_at();
CREATE TRIGGER trg_system_alerts_set_actor
    BEFORE UPDATE OF status ON plain.system_alerts
    FOR EACH ROW WHEN (NEW.status IS DISTINCT FROM OLD.status)
    EXECUTE FUNCTION gouvernance.system_alerts_set_actor();
