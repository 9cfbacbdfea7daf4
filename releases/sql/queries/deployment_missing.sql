SELECT CASE
    WHEN d.state IN ('preparation', 'authorised') THEN gouvernance.deployment_unmet(d.id)
    WHEN d.state = 'validation' THEN gouvernance.success_unmet(d.id)
    ELSE '[]'
END::text AS unmet
FROM gouvernance.deployments AS d WHERE d.id = %(deployment)s
