"""The live view of what is wrong now."""

from django.db import models


class IntegrityCheck(models.Model):
    """A row of `public.v_integrity_checks` (contract, section 2): an anomaly present at this moment."""

    pk = models.CompositePrimaryKey("check_code", "entity_type", "entity_id")
    check_code = models.TextField()
    severity = models.TextField()
    entity_type = models.TextField()
    entity_id = models.UUIDField()
    message = models.TextField()
    payload = models.JSONField()
    detected_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "v_integrity_checks"
