from django.urls import path

from integrity.rls import views

app_name = "rls"
urlpatterns = [path("", views.rls_audit, name="audit")]
