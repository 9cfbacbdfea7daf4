"""Acts at the gate of a release: open it, answer an item, report what changed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mlpp_gov.http import PersonRequest
from mlpp_gov.roles import Permission, require_permission
from mlpp_gov.sentences import spoken
from releases import acts, readings
from releases.forms import ActForm
from releases.gate.forms import AnswerForm, ChangeForm, OpenGateForm
from releases.journal import VERDICTS, actor_text, names_in
from releases.readings import Release, fetch


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.CONDUCT_RELEASES)
def open_gate(request: PersonRequest, tag: str) -> HttpResponse:
    release = release_or_404(tag)
    form = OpenGateForm(request.POST if request.method == "POST" else None)
    if form.is_done(
        lambda: acts.open_gate(release.id, configuration=form.configuration, actor=request.user)
    ):
        messages.success(request, _("Gate ouvert\u00a0: répondez à ce que le système ne sait pas."))
        return redirect(gate_url(release))
    return _page(request, "open", form, release)


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.CONDUCT_RELEASES)
def answer(request: PersonRequest, tag: str, item: str) -> HttpResponse:
    """The form of an item, below all that was answered to it."""
    release = release_or_404(tag)
    rows = fetch("gate_answers", release=release.id, item=item)
    if not rows or rows[0]["computed"]:
        raise Http404(_("Personne ne répond à ce point."))
    label, section = spoken(rows[0]["label"]), spoken(rows[0]["section"])
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_done(
        lambda: acts.answer_gate(release.id, item=item, **form.cleaned_data, actor=request.user)
    ):
        messages.success(request, _("Réponse enregistrée\u00a0: {item}.").format(item=label))
        return redirect(gate_url(release))
    names = names_in(rows)
    answers = [
        {
            **row,
            "by": actor_text(row["person"], names, row["token"]),
            "word": VERDICTS[row["verdict"]],
            "counts": row["answered_gate"] == row["gate"] and not row["void"],
        }
        for row in rows
        if row["id"]
    ]
    return _page(request, "answer", form, release, label=label, section=section, answers=answers)


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.CONDUCT_RELEASES)
def report_change(request: PersonRequest, tag: str) -> HttpResponse:
    release = release_or_404(tag)
    form = ChangeForm(request.POST if request.method == "POST" else None)
    if form.is_done(
        lambda: acts.report_change(release.id, **form.cleaned_data, actor=request.user)
    ):
        messages.success(request, _("Le gate est nul\u00a0: il en faut un nouveau."))
        return redirect(gate_url(release))
    return _page(request, "change", form, release)


def release_or_404(tag: str) -> Release:
    return found_or_404(readings.release_of_tag(tag))


def found_or_404(found: Release | None) -> Release:
    if found is None:
        raise Http404(_("Cette release n’est pas enregistrée."))
    return found


def gate_url(release: Release) -> str:
    return reverse("releases:release", args=[release.tag]) + "#gate"


def _page(
    request: PersonRequest, name: str, form: ActForm, release: Release, **context: Any
) -> HttpResponse:
    return render(
        request,
        f"releases/gate/{name}.html",
        {"form": form, "release": release, "gate_url": gate_url(release), **context},
        status=form.status,
    )
