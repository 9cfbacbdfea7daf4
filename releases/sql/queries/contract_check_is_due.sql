SELECT NOT EXISTS (
    SELECT FROM (SELECT v.at FROM gouvernance.contract_checks AS v ORDER BY v.id DESC LIMIT 1) AS last
    WHERE last.at > now() - %(freshness)s
) AS due
