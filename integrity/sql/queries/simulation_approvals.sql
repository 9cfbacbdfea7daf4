-- Approvals of simulation reports, those of one checksum first, then the latest.
SELECT
    checksum,
    note,
    stop_gate,
    approved_by,
    approved_at,
    coalesce(
        parameters ->> 'from', parameters ->> 'to', parameters ->> 'depot', parameters ->> 'tank'
    ) IS NULL AS is_whole,
    (totals ->> 'receptions')::bigint AS receptions,
    (totals ->> 'non_calculables')::bigint AS unknown,
    (totals ->> 'hors_tolerance')::bigint AS out_of_tolerance,
    (totals ->> 'ecart')::numeric AS difference,
    checksum = %(checksum)s AS is_current
FROM gouvernance.simulation_approvals
ORDER BY is_current DESC, id DESC
LIMIT %(limit)s
