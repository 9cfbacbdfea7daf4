from django.urls import path

from releases.operations import views

app_name = "operations"
urlpatterns = [
    path("", views.operation_list, name="list"),
    path("new/", views.new, name="new"),
    path("<str:code>/", views.detail, name="operation"),
    path("<str:code>/start/", views.start, name="start"),
    path("<str:code>/steps/<int:position>/done/", views.declare, name="declare"),
    path("<str:code>/steps/<int:position>/reopen/", views.reopen, name="reopen"),
    path("<str:code>/steps/<int:position>/pass/", views.pass_stop, name="pass"),
    path("<str:code>/steps/<int:position>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:code>/note/", views.note, name="note"),
    path("<str:code>/freeze/", views.freeze, name="freeze"),
    path("<str:code>/unfreeze/", views.unfreeze, name="unfreeze"),
    path("<str:code>/finish/", views.finish, name="finish"),
    path("<str:code>/abandon/", views.abandon, name="abandon"),
]
