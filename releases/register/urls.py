from django.urls import path

from releases.register import views

app_name = "releases"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("register/", views.register, name="register"),
    path("<str:tag>/", views.release, name="release"),
]
