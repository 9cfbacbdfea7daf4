SELECT * FROM gouvernance.gate_checklist(%(release)s, %(scenario)s)
