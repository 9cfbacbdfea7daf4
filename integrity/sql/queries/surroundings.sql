-- What every list shows beside its alerts: the last evaluation and the names of people; the digest is of
-- both. What a run recorded never changes, which checks are in service does.
SELECT
    (SELECT finished_at FROM gouvernance.sync_runs ORDER BY id DESC LIMIT 1),
    md5(concat_ws(
        E'\n',
        (SELECT max(id) FROM gouvernance.sync_runs),
        (SELECT string_agg(code, ' ' ORDER BY code) FROM gouvernance.checks WHERE NOT enabled),
        (
            SELECT string_agg(
                concat_ws(' ', supabase_user_id, role, is_active, username, full_name), E'\n' ORDER BY id
            )
            FROM gouvernance.mlpp_gov_user
        )
    )) AS digest
