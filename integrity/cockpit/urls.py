from django.urls import path

from integrity.cockpit import service_level_views
from integrity.cockpit import views as cockpit_views

app_name = "cockpit"
urlpatterns = [
    path("", cockpit_views.cockpit, name="cockpit"),
    path("periods/", cockpit_views.period_list, name="periods"),
    path("report/", cockpit_views.weekly_report, name="report"),
    path("report.csv", cockpit_views.weekly_report_csv, name="report_csv"),
    path("service-levels/", service_level_views.service_level_list, name="service_levels"),
    path("service-levels/set/", service_level_views.set_service_level, name="set_service_level"),
    path(
        "service-levels/clear/",
        service_level_views.clear_service_level,
        name="clear_service_level",
    ),
]
