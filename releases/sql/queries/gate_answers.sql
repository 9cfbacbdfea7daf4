-- All that was answered to an item of the release's gates, the latest first.
SELECT
    i.label, i.section, i.computed, gate.id AS gate, gate.void, a.id, a.verdict, a.evidence, a.conditions,
    a.re_evaluate_on, a.person, a.at, a.gate AS answered_gate, t.name AS token
FROM gouvernance.checklist_items AS i
LEFT JOIN LATERAL (
    SELECT g.id, v.gate IS NOT NULL AS void
    FROM gouvernance.gates AS g LEFT JOIN gouvernance.gate_voids AS v ON v.gate = g.id
    WHERE g.release = %(release)s
    ORDER BY g.id DESC LIMIT 1
) AS gate ON true
LEFT JOIN gouvernance.checklist_answers AS a
    ON a.item = i.code AND a.gate IN (SELECT id FROM gouvernance.gates WHERE release = %(release)s)
LEFT JOIN gouvernance.release_tokens AS t ON t.id = a.token
WHERE i.code = %(item)s AND i.list = 'gate'
ORDER BY a.id DESC
LIMIT 50
