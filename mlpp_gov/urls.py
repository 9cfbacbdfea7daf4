"""Every route of the cockpit."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from mlpp_gov.views import LoginForm

handler400 = "mlpp_gov.views.bad_request"
handler403 = "mlpp_gov.views.permission_denied"
handler404 = "mlpp_gov.views.page_not_found"
handler500 = "mlpp_gov.views.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="integrity:list"), name="home"),
    path(
        "login/",
        auth.LoginView.as_view(authentication_form=LoginForm, redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", login_not_required(auth.LogoutView.as_view()), name="logout"),
    path("governance/", include("integrity.cockpit.urls")),
    path("governance/notifications/", include("integrity.notifications.urls")),
    path("governance/integrity/", include("integrity.urls")),
    path("governance/alerts/", include("alerts.urls")),
    path(
        "admin/login/",
        login_not_required(RedirectView.as_view(pattern_name="login", query_string=True)),
    ),
    path("admin/", admin.site.urls),
]
