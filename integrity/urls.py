from django.urls import path

from integrity import views

app_name = "integrity"
urlpatterns = [
    path("", views.alert_list, name="list"),
    path("<uuid:alert_id>/", views.alert_detail, name="detail"),
    path("<uuid:alert_id>/payload.json", views.alert_payload, name="payload"),
]
