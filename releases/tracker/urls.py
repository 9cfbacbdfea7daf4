from django.urls import path

from releases.tracker import views

app_name = "tracker"
urlpatterns = [
    path("", views.action_list, name="list"),
    path("<int:action_id>/", views.detail, name="action"),
    path("<int:action_id>/update/", views.update, name="update"),
]
