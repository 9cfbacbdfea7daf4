from django.urls import path

from integrity import evidence_views, views

app_name = "integrity"
urlpatterns = [
    path("", views.alert_list, name="list"),
    path("<uuid:alert_id>/", views.alert_detail, name="detail"),
    path("<uuid:alert_id>/payload.json", views.alert_payload, name="payload"),
    path("<uuid:alert_id>/evidence/", evidence_views.evidence, name="evidence"),
    path("<uuid:alert_id>/evidence.csv", evidence_views.evidence_csv, name="evidence_csv"),
]
