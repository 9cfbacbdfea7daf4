-- The preparation and the smoke tests of a deployment; its gate too, until the authorisation keeps a copy.
SELECT
    list.name AS list, c.code, c.section, c.label, c.verdict, c.evidence, c.conditions, c.re_evaluate_on, c.person,
    c.role, c.token, c.at, false AS computed, c.critical, false AS blocks
FROM unnest(ARRAY['preparation', 'smoke']) AS list (name)
CROSS JOIN LATERAL gouvernance.deployment_checklist(%(deployment)s, list.name) AS c
UNION ALL
SELECT
    'gate', c.code, c.section, c.label, c.verdict, c.evidence, c.conditions, c.re_evaluate_on, c.person,
    c.role, c.token, c.at, c.computed, false, c.blocks
FROM gouvernance.deployments AS d
CROSS JOIN LATERAL gouvernance.gate_checklist(d.release, d.scenario) AS c
WHERE d.id = %(deployment)s AND d.kind = 'deployment' AND d.authorised_at IS NULL
