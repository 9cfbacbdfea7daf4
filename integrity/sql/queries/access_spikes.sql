-- The quarters of an hour with a spike, the latest first.
SELECT started_at, refused, usual, threshold
FROM gouvernance.access_spikes(%(from)s, %(to)s)
ORDER BY started_at DESC
