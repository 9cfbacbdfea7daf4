from django.urls import path

from integrity.search import views

app_name = "search"
urlpatterns = [path("", views.search, name="search")]
