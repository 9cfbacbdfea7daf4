from django.urls import path

from alerts import views

app_name = "alerts"
urlpatterns = [
    path("selection/", views.handle_selection, name="selection"),
    path("<uuid:alert_id>/ack/", views.acknowledge, name="ack"),
    path("<uuid:alert_id>/resolve/", views.resolve, name="resolve"),
    path("<uuid:alert_id>/note/", views.annotate, name="note"),
    path("<uuid:alert_id>/assign/", views.assign, name="assign"),
]
