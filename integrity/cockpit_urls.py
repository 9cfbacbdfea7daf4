from django.urls import path

from integrity import service_level_views

app_name = "cockpit"
urlpatterns = [
    path("service-levels/", service_level_views.service_level_list, name="service_levels"),
    path("service-levels/set/", service_level_views.set_service_level, name="set_service_level"),
    path(
        "service-levels/clear/",
        service_level_views.clear_service_level,
        name="clear_service_level",
    ),
]
