SELECT NOT EXISTS (
    SELECT FROM (SELECT at FROM gouvernance.contract_checks ORDER BY id DESC LIMIT 1) AS last
    WHERE last.at > now() - %(freshness)s
) AS due
