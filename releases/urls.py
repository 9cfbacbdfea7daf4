from django.urls import path

from releases.freeze import views as freeze
from releases.gate import views as gate
from releases.register import views
from releases.tokens import views as tokens

app_name = "releases"
urlpatterns = [
    path("", views.overview, name="overview"),
    # These words are no tags: gouvernance.register_release() keeps them.
    path("register/", views.register, name="register"),
    path("freeze/", freeze.freezes, name="freeze"),
    path("freeze/begin/", freeze.begin, name="begin_freeze"),
    path("freeze/end/", freeze.end, name="end_freeze"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:token>/revoke/", tokens.revoke, name="revoke_token"),
    path("<str:tag>/", views.release, name="release"),
    path("<str:tag>/gate/open/", gate.open_gate, name="open_gate"),
    path("<str:tag>/gate/change/", gate.report_change, name="report_change"),
    path("<str:tag>/gate/<str:item>/", gate.answer, name="answer_gate"),
]
