SELECT
    in_production.tag AS production, production.deployed_at AS production_since,
    in_staging.tag AS staging, staging.deployed_at AS staging_since,
    (SELECT began_at FROM gouvernance.freezes WHERE ended_at IS NULL) AS frozen_since
FROM gouvernance.running('production') AS production
CROSS JOIN gouvernance.running('staging') AS staging
LEFT JOIN gouvernance.releases AS in_production ON in_production.id = production.release
LEFT JOIN gouvernance.releases AS in_staging ON in_staging.id = staging.release
