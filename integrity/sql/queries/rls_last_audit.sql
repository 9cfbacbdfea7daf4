-- The RLS audit recorded last, with what it found.
SELECT at, failing, public_policies, findings FROM gouvernance.rls_audits ORDER BY id DESC LIMIT 1
