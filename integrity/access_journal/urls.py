from django.urls import path

from integrity.access_journal import views

app_name = "access"
urlpatterns = [path("", views.journal, name="journal")]
