"""The door, and one's own account."""

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from mlpp_gov.signin import views

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="login"),
    path("login/code/", views.login_code, name="login-code"),
    path("login/enrol/", views.login_enrol, name="login-enrol"),
    path("logout/", login_not_required(auth.LogoutView.as_view()), name="logout"),
    path("password/", views.forgotten_password, name="password-forgotten"),
    path("password/sent/", views.reset_sent, name="password-reset-sent"),
    path(
        "password/<str:uidb64>/<str:token>/",
        views.ResetView.as_view(),
        name="password-reset-confirm",
    ),
    path("account/", views.account, name="account"),
    path("account/password/", views.PasswordView.as_view(), name="account-password"),
    path("account/second-factor/", views.enrol, name="account-enrol"),
    path("account/second-factor/remove/", views.remove, name="account-remove"),
    path("account/second-factor/codes/", views.renew_codes, name="account-codes"),
]
