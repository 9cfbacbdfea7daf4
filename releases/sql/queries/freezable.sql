-- Which releases may be frozen: those whose gate is open, and the one that was asked for, whatever its gate.
SELECT r.id, r.tag, r.commit
FROM gouvernance.releases AS r
WHERE r.tag = %(tag)s OR r.id IN (
    SELECT g.release FROM gouvernance.gates AS g
    WHERE NOT EXISTS (SELECT FROM gouvernance.gate_voids AS v WHERE v.gate = g.id)
    ORDER BY g.id DESC LIMIT %(most)s
)
ORDER BY r.tag IS NOT DISTINCT FROM %(tag)s DESC, r.id DESC
