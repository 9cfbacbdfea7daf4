"""One action on a selection of alerts: each on its own, one line of result for each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts import transitions
from alerts.forms import AssignmentForm
from alerts.models import Alert
from alerts.wording import (
    ACKNOWLEDGED,
    SUCCESSES,
    assigned_sentence,
    conflict_sentence,
    stale_sentence,
)
from mlpp_gov.identity import db_identity
from mlpp_gov.models import User

MOST_AT_ONCE = 200


class Action(TextChoices):
    ACKNOWLEDGE = "acknowledge", gettext_lazy("Acquitter")
    RESOLVE = "resolve", gettext_lazy("Résoudre")
    ASSIGN = "assign", gettext_lazy("Confier")


class Verdict(TextChoices):
    DONE = "done", gettext_lazy("fait")
    CONFLICT = "conflict", gettext_lazy("conflit")
    STILL_PRESENT = "present", gettext_lazy("toujours présente")
    REFUSED = "refused", gettext_lazy("refusé")


@dataclass(frozen=True)
class Result:
    """What became of one selected alert."""

    alert_id: UUID
    message: str
    verdict: Verdict
    sentence: str


Selected = tuple[UUID, int | None]  # an alert, and the version of it that the person saw


def selected(value: str) -> Selected:
    """Read `<uuid>` or `<uuid>:<version>`. Raises ValueError."""
    alert_id, _colon, text = value.partition(":")
    version = transitions.read_version(text)
    if text and version is None:
        raise ValueError(value)
    return UUID(alert_id), version


class SelectionForm(AssignmentForm):
    """Which alerts, and what to do with them."""

    action = forms.ChoiceField(
        choices=Action.choices, error_messages={"required": gettext_lazy("Choisissez une action.")}
    )

    def clean(self) -> None:
        values = cast(QueryDict, self.data).getlist("alert")
        if not values:
            raise ValidationError(_("Choisissez au moins une alerte."))
        if len(values) > MOST_AT_ONCE:
            raise ValidationError(
                _("Choisissez {most} alertes au plus à la fois.").format(most=MOST_AT_ONCE)
            )
        try:
            self.cleaned_data["alerts"] = [selected(value) for value in values]
        except ValueError as error:
            raise ValidationError(
                _("La sélection est illisible : rien n’a été modifié.")
            ) from error

    @property
    def action_label(self) -> str:
        return str(Action(self.cleaned_data["action"]).label)


def handle(form: SelectionForm, *, actor: User) -> list[Result]:
    """Do what a valid form asks, one transaction an alert; nothing that fails stops the others."""
    return apply(
        form.cleaned_data["action"],
        form.cleaned_data["alerts"],
        actor=actor,
        assignee=form.cleaned_data["assignee"],
    )


def apply(
    action: str,
    alerts: Iterable[Selected],
    *,
    actor: User,
    assignee: User | None = None,
    source: str = "person",
) -> list[Result]:
    alerts = list(alerts)
    with db_identity(actor):
        messages = dict(
            Alert.objects.filter(pk__in=[alert_id for alert_id, _ in alerts]).values_list(
                "pk", "message"
            )
        )

    def act(alert_id: UUID, version: int | None) -> str:
        match action:
            case Action.ACKNOWLEDGE:
                transitions.acknowledge(alert_id, actor=actor, version=version, source=source)
                return str(ACKNOWLEDGED)
            case Action.RESOLVE:
                outcome = transitions.resolve(alert_id, actor=actor, version=version, source=source)
                return str(SUCCESSES[outcome])
        transitions.assign(alert_id, actor=actor, assignee=assignee, source=source)
        return assigned_sentence(assignee)

    return [
        Result(alert_id, messages.get(alert_id, str(alert_id)), *_judged(act, alert_id, version))
        for alert_id, version in alerts
    ]


def _judged(
    act: Callable[[UUID, int | None], str], alert_id: UUID, version: int | None
) -> tuple[Verdict, str]:
    try:
        return Verdict.DONE, act(alert_id, version)
    except transitions.Conflict as conflict:
        return Verdict.CONFLICT, conflict_sentence(conflict)
    except transitions.Stale as stale:
        return Verdict.CONFLICT, stale_sentence(stale)
    except transitions.StillPresent:
        return Verdict.STILL_PRESENT, _("La cause est toujours là : ouvrez l’alerte pour décider.")
    except transitions.AlertNotFound:
        return Verdict.REFUSED, _("Alerte inconnue.")
    except transitions.InvalidInput as refusal:
        return Verdict.REFUSED, str(refusal)
