-- The latest RLS audits, without what they found.
SELECT at, release, path, login, failing, warnings, accepted, public_policies, matrix IS NOT NULL AS tried
FROM gouvernance.rls_audits
ORDER BY id DESC
LIMIT 30
