"""The page of one deployment: where it stands, what is missing, and the forms of the next act."""

from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from mlpp_gov.http import PersonRequest
from mlpp_gov.models import User
from mlpp_gov.redirects import safe_return_url
from mlpp_gov.roles import Permission, holders, role_grants
from releases.deployments import wording
from releases.deployments.dossier import Dossier, dossier
from releases.deployments.forms import (
    AnswerForm,
    AttemptForm,
    CorrectionForm,
    FailForm,
    IncidentForm,
    PlanForm,
    StartForm,
    WatchForm,
)
from releases.journal import OPEN_STATES, SEVERITIES, VERDICTS
from releases.readings import Item

LARGEST_ID = 2**63 - 1
LINES_SHOWN = 100


@dataclass(frozen=True)
class Row:
    """An item of a list, who answered it, and the form to answer it, for whom it is."""

    item: Item
    verdict: str
    icon: str
    who: str
    form: Form | None


def read_number(text: str) -> int | None:
    """An id as a URL may hold it, or None."""
    is_one = text.isascii() and text.isdecimal() and len(text) < 20
    return min(int(text), LARGEST_ID) if is_one else None


def found_dossier(deployment: int) -> Dossier:
    """The dossier, or a 404."""
    found = dossier(min(deployment, LARGEST_ID))
    if found is None:
        raise Http404(_("Ce déploiement n’existe pas."))
    return found


def back_url(request: PersonRequest) -> str:
    """The history as the person left it."""
    return safe_return_url(request, request.GET.get("retour", ""), default="deployments:history")


def deployment_page(
    request: PersonRequest, deployment: int, *, refused: dict[str, Form] | None = None
) -> HttpResponse:
    """The page; `refused` forms by name keep what was typed, and make it a 400."""
    found = found_dossier(deployment)
    lines = found.events[::-1]
    context = {
        "errors": [error for form in (refused or {}).values() for error in _errors(form)],
        "back_url": back_url(request),
        "found": found,
        "deployment": found.deployment,
        "situation": found.situation,
        "title": wording.title(found.deployment),
        "state_icon": wording.ICONS[found.deployment.state],
        "state_sentence": wording.state_sentence(found),
        "next_sentence": wording.next_sentence(found),
        "steps": wording.steps(found),
        "unmet": wording.plain_all(found.situation.unmet),
        "last_refusal": found.last_refusal,
        "criteria": wording.abort_criteria(found),
        "shows_criteria": found.deployment.started_at or found.deployment.state == "authorised",
        **{
            f"{name}_summary": wording.summary(getattr(found, name))
            for name in ("preparation", "smoke", "gate")
        },
        "operator": found.who(found.deployment.operator, token=found.deployment.operator_token),
        "authoriser": found.who(found.deployment.authorised_by, found.deployment.authorised_role),
        "incidents": _incidents(found),
        "watch": [
            (reading, found.who(reading.person, reading.role, reading.token))
            for reading in found.watch
        ],
        "lines": lines[:LINES_SHOWN],
        "lines_left_out": max(len(lines) - LINES_SHOWN, 0),
        "is_over": found.deployment.state not in OPEN_STATES,
        **_forms(request.user, found, refused or {}),
    }
    status = 400 if refused else 200
    return render(request, "releases/deployments/detail.html", context, status=status)


def _errors(form: Form) -> list[str]:
    """What is wrong in a form, by field: also for who sent one that this page no longer has."""
    return [
        _("{field}\u00a0: {said}").format(field=form.fields[name].label or name, said=error)
        if name in form.fields
        else str(error)
        for name, errors in form.errors.items()
        for error in errors
    ]


def _incidents(found: Dossier) -> list[tuple[str, Any, str]]:
    return [
        (
            str(capfirst(SEVERITIES[incident.severity])),
            incident,
            found.who(incident.person, incident.role, incident.token),
        )
        for incident in found.incidents
    ]


def _forms(user: User, found: Dossier, refused: dict[str, Form]) -> dict[str, Any]:
    """The lists, and the forms that this person may send now; `why_not` says who may do the next act."""
    it = found.deployment
    conducts = role_grants(user.role, Permission.CONDUCT_RELEASES)
    answers = {"preparation": "preparation", "validation": "smoke"}.get(it.state, "")
    unbound: dict[str, Form | None] = {
        "plan_form": PlanForm(initial=_plan(found), auto_id="plan_%s")
        if conducts and it.state == "preparation"
        else None,
        "start_form": StartForm(environment=it.environment, auto_id="start_%s")
        if it.state == "authorised" and not why_not_start(user, found)
        else None,
        "attempt_form": AttemptForm(auto_id="attempt_%s")
        if conducts and it.state == "execution"
        else None,
        "watch_form": WatchForm(auto_id="watch_%s")
        if conducts and it.state == "validation" and found.watched_until
        else None,
        "fail_form": FailForm(auto_id="fail_%s") if conducts and it.state in OPEN_STATES else None,
        "incident_form": IncidentForm(auto_id="incident_%s")
        if found.situation.is_running or it.state == "execution"
        else None,
        "correction_form": CorrectionForm(auto_id="correction_%s"),
    }
    return {
        **unbound,
        **refused,
        **{
            name: [
                Row(
                    item,
                    str(capfirst(VERDICTS[item.verdict])),
                    wording.ICONS[item.verdict],
                    found.who(item.person, item.role, item.token) if item.person else "",
                    _answer_form(item, refused) if conducts and answers == name else None,
                )
                for item in getattr(found, name)
            ]
            for name in ("preparation", "smoke", "gate")
        },
        "can_conduct": conducts,
        "can_authorise": it.state == "preparation" and not why_not_authorise(user, found),
        "can_succeed": conducts and it.state == "validation" and not found.situation.unmet,
        "why_not": {
            "preparation": why_not_authorise(user, found),
            "authorised": why_not_start(user, found),
        }.get(it.state, ""),
        "conductors": ", ".join(holders(Permission.CONDUCT_RELEASES)),
    }


def _answer_form(item: Item, refused: dict[str, Form]) -> Form:
    return refused.get(f"answer_{item.code}") or AnswerForm(
        initial={"item": item.code, "evidence": item.evidence}, auto_id=f"{item.code}_%s"
    )


def _plan(found: Dossier) -> dict[str, Any]:
    it = found.deployment
    return {
        "backup": it.backup_reference,
        "rollback": it.rollback_plan,
        "window_from": it.window_from,
        "window_to": it.window_to,
    }


def why_not_authorise(user: User, found: Dossier) -> str:
    """Why this person can't authorise it now, or nothing."""
    permission = wording.AUTHORISERS[found.deployment.environment]
    if not role_grants(user.role, permission):
        return _("L’autorisation appartient à\u00a0: {roles}.").format(
            roles=", ".join(holders(permission))
        )
    if found.deployment.operator == user.supabase_user_id:
        return _("Vous conduisez ce déploiement\u00a0: une autre personne l’autorise.")
    if found.situation.unmet:
        return _("L’autorisation attend ce qui manque.")
    return ""


def why_not_start(user: User, found: Dossier) -> str:
    """Why this person can't start it now, or nothing."""
    it = found.deployment
    if not role_grants(user.role, Permission.CONDUCT_RELEASES):
        return _("Le démarrage appartient à\u00a0: {roles}.").format(
            roles=", ".join(holders(Permission.CONDUCT_RELEASES))
        )
    if it.authorised_by == user.supabase_user_id:
        return _("Vous avez autorisé ce déploiement\u00a0: une autre personne le conduit.")
    if it.window_from and it.window_from > timezone.now():
        return _("La fenêtre de maintenance ouvre {when}.").format(
            when=wording.clock(it.window_from)
        )
    return ""
