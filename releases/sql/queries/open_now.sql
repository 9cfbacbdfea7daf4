-- What is under way in each environment, and what a deployment may be opened for.
SELECT d.id, d.environment, d.kind, d.state, r.tag
FROM gouvernance.deployments AS d JOIN gouvernance.releases AS r ON r.id = d.release
WHERE d.state IN ('preparation', 'authorised', 'execution', 'validation')
ORDER BY d.id
