"""What the self-test says of the channels that rules use, and of the last RLS audit."""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from alerts.notifications.channels import kind
from integrity.notifications.rules import CHANNEL
from integrity.queries import fetch
from integrity.rls.history import last_audit
from mlpp_gov.doctor.bounds import asked, bounded
from mlpp_gov.doctor.registry import Finding, check, fail, ok, warn
from mlpp_gov.templatetags.governance import number, since

USED_CHANNELS = """
    SELECT DISTINCT recipient FROM gouvernance.notification_rules
    WHERE enabled AND starts_with(recipient, %s)
"""
AUDIT_IS_OLD = timedelta(hours=48)  # the workers record one a day


@check("channels", "Canaux", asks_database=True)
def channels_of_rules_work() -> Finding:
    """Those that rules name are configured, and their last message left; none is sent for this."""
    used = {recipient for (recipient,) in asked(USED_CHANNELS, [CHANNEL])}
    configured = {f"{CHANNEL}{name}" for name in settings.NOTIFY_CHANNELS}
    if missing := used - configured:
        return fail(
            f"Des règles en service nomment {_names(missing)}, absent de NOTIFY_CHANNELS\u00a0: leurs "
            "messages sont abandonnés.",
            "Ajoutez-le à NOTIFY_CHANNELS (docs/canaux.md), ou arrêtez ces règles dans le cockpit.",
        )
    with bounded(connection):
        lasts = fetch("notification_ways")
    if failing := {last["way"] for last in lasts if last["outcome"] == "failed"} & used:
        return warn(
            f"Le dernier message n’est pas parti par {_names(failing)}.",
            "La page des notifications dit pourquoi et propose un essai ; voir docs/canaux.md.",
        )
    if not configured:
        return ok("Aucun\u00a0: les messages partent par e-mail.")
    return ok(
        ", ".join(f"{name} ({kind(name)})" for name in sorted(settings.NOTIFY_CHANNELS)) + "."
    )


def _names(recipients: set[str]) -> str:
    return ", ".join(sorted(recipient.removeprefix(CHANNEL) for recipient in recipients))


@check("rls_audit", "Audit RLS", asks_database=True)
def last_audit_is_recent_and_clean() -> Finding:
    with bounded(connection):
        last = last_audit()
    again = "«\u00a0manage.py audit_rls --record\u00a0» en enregistre un."
    if last is None:
        return warn("Aucun audit n’a été enregistré.", f"{again} Un worker le fait chaque jour.")
    if last["failing"]:
        return fail(
            f"Constats bloquants {since(last['at'])}\u00a0: {number(last['failing'])}, dont policies "
            f"{{public}}\u00a0: {number(last['public_policies'])}.",
            "La page «\u00a0Audit RLS\u00a0» donne le SQL de chacun ; corrigez, ou acceptez avec une raison "
            "et une échéance (docs/audit-rls.md).",
        )
    if timezone.now() - last["at"] > AUDIT_IS_OLD:
        return warn(
            f"Le dernier est trop vieux\u00a0: {since(last['at'])}.",
            f"{again} Un worker le fait chaque jour\u00a0: voyez s’il tourne.",
        )
    return ok(f"Aucun constat bloquant, {since(last['at'])}.")
