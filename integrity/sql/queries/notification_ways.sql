-- How the last attempt by each way out ended, e-mails together: since when it fails, or when it worked.
-- What is older than the last 5 000 attempts says nothing of today.
WITH recent AS (
    SELECT
        CASE WHEN m.recipient LIKE 'person:%%' THEN 'mail' ELSE m.recipient END AS way,
        a.id, a.finished_at, a.outcome, a.failure
    FROM (SELECT * FROM gouvernance.notification_attempts ORDER BY id DESC LIMIT 5000) AS a
    JOIN gouvernance.notification_messages AS m ON m.id = a.message
    WHERE a.outcome IS NOT NULL
),
latest AS (
    SELECT DISTINCT ON (way) way, finished_at, outcome, failure FROM recent ORDER BY way, id DESC
),
worked AS (
    SELECT way, max(id) AS id FROM recent WHERE outcome = 'sent' GROUP BY way
)
SELECT
    latest.way, latest.finished_at, latest.outcome, latest.failure,
    count(recent.id) AS failures, min(recent.finished_at) AS failing_since
FROM latest
LEFT JOIN worked USING (way)
LEFT JOIN recent ON recent.way = latest.way AND recent.outcome = 'failed'
    AND (worked.id IS NULL OR recent.id > worked.id)
GROUP BY latest.way, latest.finished_at, latest.outcome, latest.failure
ORDER BY latest.way
