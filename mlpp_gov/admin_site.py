"""The Django admin behind our own login page and our own refusals."""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from mlpp_gov.roles import MissingPermission, Permission


class AdminSite(admin.AdminSite):
    site_title = site_header = "ML_PP Gouvernance"
    index_title = gettext_lazy("Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the admin opens; raises MissingPermission for signed-in people it isn't for."""
        allowed = super().has_permission(request)
        if not allowed and request.user.is_authenticated:
            raise MissingPermission(role=request.user.role, permission=Permission.VIEW_INTEGRITY)
        return allowed


class GouvernanceAdminConfig(AdminConfig):
    default_site = "mlpp_gov.admin_site.AdminSite"
