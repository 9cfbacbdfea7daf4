from django.urls import path

from alerts import views

app_name = "alerts"
urlpatterns = [
    path("<uuid:alert_id>/ack/", views.acknowledge, name="ack"),
    path("<uuid:alert_id>/resolve/", views.resolve, name="resolve"),
]
