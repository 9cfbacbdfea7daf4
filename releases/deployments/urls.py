from django.urls import path

from releases.deployments import views

app_name = "deployments"
urlpatterns = [
    path("", views.history, name="history"),
    path("open/", views.open_deployment, name="open"),
    path("rollback/", views.rollback, name="rollback"),
    path("<int:deployment>/", views.detail, name="detail"),
    path("post-mortems/<int:post_mortem>/", views.post_mortem, name="post_mortem"),
]
