"""The ways out, by name: what kind of service each is and whether it works; never its address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from alerts.notifications.channels import kind, mail_is_configured
from integrity.notifications.rules import CHANNEL, Rule
from mlpp_gov.messaging import MAIL_TO_FILES
from mlpp_gov.queries import Rows

MAIL = "mail"


@dataclass(frozen=True)
class Way:
    """E-mail, or a channel; `outcome` is that of its last attempt, None before the first."""

    label: str
    kind: str
    recipient: str | None = None  # whom a test goes to; None: it can't be tried
    outcome: str | None = None
    finished_at: datetime | None = None
    failure: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    is_used: bool = True  # by a rule in service, or within reach of one

    @property
    def is_failing(self) -> bool:
        return self.is_used and self.outcome == "failed"


def ways(rows: Rows, rules: Sequence[Rule]) -> list[Way]:
    """E-mail, then the channels of NOTIFY_CHANNELS, then those that only past messages name."""
    used = {rule.recipient for rule in rules if rule.enabled}
    lasts = {row.pop("way"): row for row in rows}
    found = [Way(_("E-mail"), _mail_kind(), **_last(lasts, MAIL))]
    for name in sorted(settings.NOTIFY_CHANNELS):
        recipient = f"{CHANNEL}{name}"
        found.append(Way(name, kind(name) or "", recipient, **_last(lasts, recipient)))
    found += [
        Way(
            recipient.removeprefix(CHANNEL),
            _("absent de NOTIFY_CHANNELS"),
            is_used=recipient in used,
            **_kept(last),
        )
        for recipient, last in lasts.items()
    ]
    return found


def _mail_kind() -> str:
    if not mail_is_configured():
        return _("aucun serveur (EMAIL_URL)")
    return (
        _("fichiers de développement")
        if settings.EMAIL_BACKEND == MAIL_TO_FILES
        else _("serveur d’e-mail")
    )


def _last(lasts: dict[str, dict[str, Any]], way: str) -> dict[str, Any]:
    return _kept(lasts.pop(way, {}))


def _kept(last: dict[str, Any]) -> dict[str, Any]:
    return {**last, "failure": last.get("failure") or ""}
