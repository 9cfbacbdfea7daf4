from django.urls import path

from integrity.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("rules/add/", views.add_rule, name="add_rule"),
    path("rules/<int:rule>/", views.change_rule, name="rule"),
    path("rules/<int:rule>/remove/", views.remove_rule, name="remove_rule"),
    path("messages/", views.message_list, name="messages"),
    path("messages/<int:message>/", views.message_detail, name="message"),
    path("messages/<int:message>/resend/", views.resend, name="resend"),
    path("test/", views.test_myself, name="test_myself"),
    path("channels/<slug:name>/test/", views.test_channel, name="test_channel"),
]
