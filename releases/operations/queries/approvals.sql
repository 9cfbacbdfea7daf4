-- Who approved which simulation report for the STOPs of an operation, the latest first.
SELECT approved_by, approved_at, note, checksum, receptions, is_whole, is_current
FROM gouvernance.gate_approvals(%(gate)s)
LIMIT %(limit)s
