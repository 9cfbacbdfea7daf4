DROP FUNCTION IF EXISTS gouvernance.record_rls_audit(timestamptz, text, text, jsonb, jsonb);
DROP TABLE IF EXISTS gouvernance.rls_audits;
