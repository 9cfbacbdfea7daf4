-- What each role could do when that was last tried.
SELECT at, login, matrix FROM gouvernance.rls_audits WHERE matrix IS NOT NULL ORDER BY id DESC LIMIT 1
