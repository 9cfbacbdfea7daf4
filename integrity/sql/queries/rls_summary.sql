-- What the cockpit says of the RLS audit recorded last.
SELECT at, failing, public_policies FROM gouvernance.rls_audits ORDER BY id DESC LIMIT 1
