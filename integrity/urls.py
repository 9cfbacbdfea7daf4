from django.urls import path

from integrity import export_views, views
from integrity.checks import views as check_views
from integrity.evidence import views as evidence_views
from integrity.simulation import views as simulation_views
from integrity.since import views as since_views

app_name = "integrity"
urlpatterns = [
    path("", views.alert_list, name="list"),
    path("export.csv", export_views.alerts_csv, name="export_csv"),
    path("export.json", export_views.alerts_json, name="export_json"),
    path("since/", since_views.since, name="since"),
    path("checks/", check_views.check_list, name="checks"),
    path("checks/stocks-ouverture/", check_views.opening_stock_list, name="opening_stocks"),
    path(
        "checks/stocks-ouverture/declare/",
        check_views.declare_opening_stock,
        name="declare_opening_stock",
    ),
    path(
        "checks/stocks-ouverture/withdraw/",
        check_views.withdraw_opening_stock,
        name="withdraw_opening_stock",
    ),
    path("checks/<str:code>/", check_views.check_detail, name="check"),
    path("checks/<str:code>/tune/", check_views.tune, name="tune"),
    path("astm53b/", simulation_views.simulation, name="simulation"),
    path("astm53b.csv", simulation_views.simulation_csv, name="simulation_csv"),
    path("astm53b/approve/", simulation_views.simulation_approve, name="simulation_approve"),
    path("<uuid:alert_id>/", views.alert_detail, name="detail"),
    path("<uuid:alert_id>/payload.json", views.alert_payload, name="payload"),
    path("<uuid:alert_id>/evidence/", evidence_views.evidence, name="evidence"),
    path("<uuid:alert_id>/evidence.csv", evidence_views.evidence_csv, name="evidence_csv"),
]
