SELECT * FROM gouvernance.deployment_checklist(%(deployment)s, %(list)s)
