"""Every route of the cockpit."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from mlpp_gov.design.views import design
from mlpp_gov.language import choose_language

handler400 = "mlpp_gov.views.bad_request"
handler403 = "mlpp_gov.views.permission_denied"
handler404 = "mlpp_gov.views.page_not_found"
handler500 = "mlpp_gov.views.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="integrity:list"), name="home"),
    path("design/", design, name="design"),
    path("language/", choose_language, name="language"),
    path("", include("mlpp_gov.signin.urls")),
    path("governance/", include("integrity.cockpit.urls")),
    path("governance/search/", include("integrity.search.urls")),
    path("governance/notifications/", include("integrity.notifications.urls")),
    path("governance/journal/", include("integrity.access_journal.urls")),
    path("governance/integrity/", include("integrity.urls")),
    path("governance/rls/", include("integrity.rls.urls")),
    path("governance/releases/", include("releases.urls")),
    path("governance/deployments/", include("releases.deployments.urls")),
    path("governance/operations/", include("releases.operations.urls")),
    path("governance/phase2/", include("releases.tracker.urls")),
    path("governance/alerts/", include("alerts.urls")),
    path("api/releases/v1/", include("releases.api.urls")),
    path(
        "admin/login/",
        login_not_required(RedirectView.as_view(pattern_name="login", query_string=True)),
    ),
    path("admin/", admin.site.urls),
]
