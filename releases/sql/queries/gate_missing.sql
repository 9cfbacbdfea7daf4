SELECT s.scenario, gouvernance.gate_unmet(%(release)s, s.scenario)::text AS unmet
FROM (VALUES ('A'), ('B'), ('C')) AS s (scenario)
