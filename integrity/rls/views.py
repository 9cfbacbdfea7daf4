"""The page of the RLS audit: what it finds now, what is accepted, what each role can do, its history."""

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrity.queries import fetch
from integrity.rls import accepted, audit, history
from integrity.rls.page import groups, tried
from mlpp_gov.http import PersonRequest
from mlpp_gov.roles import Permission, require_permission


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def rls_audit(request: PersonRequest) -> HttpResponse:
    """Read at the moment of asking, as the application's login; who reads changes nothing in it."""
    acceptances, file_error = [], ""
    try:
        acceptances = accepted.read()
    except accepted.AcceptedFileError as error:
        file_error = str(error)
    found = audit.run(connection, acceptances)
    context = {
        "parents": [(_("Cockpit"), reverse("cockpit:cockpit"))],
        "audit": found,
        "file_error": file_error,
        "groups": groups(found),
        "drift": history.drift(found),
        "tried": tried(),
        "audits": fetch("rls_audits"),
    }
    return render(request, "integrity/rls/audit.html", context)
