from django.urls import path

from releases import asks
from releases.api import views
from releases.api.views import asking

app_name = "release_api"
urlpatterns = [
    path("running", views.running, name="running"),
    path("releases", asking(asks.REGISTER), name="register"),
    path("releases/<str:tag>", views.release, name="release"),
    path("releases/<str:tag>/gate", asking(asks.OPEN_GATE), name="open_gate"),
    path("releases/<str:tag>/gate/<str:item>", asking(asks.ANSWER_GATE), name="answer_gate"),
    path("releases/<str:tag>/changes", asking(asks.REPORT_CHANGE), name="report_change"),
    path("nightlies", asking(asks.NIGHTLY), name="nightly"),
    path("deployments", asking(asks.OPEN_DEPLOYMENT), name="open_deployment"),
    path("deployments/<int:deployment>", views.deployment, name="deployment"),
    path("deployments/<int:deployment>/start", asking(asks.START), name="start"),
    path("deployments/<int:deployment>/attempts", asking(asks.ATTEMPT), name="attempt"),
    path("deployments/<int:deployment>/checks", asking(asks.CHECK), name="check"),
    path("deployments/<int:deployment>/readings", asking(asks.WATCH), name="watch"),
    path("deployments/<int:deployment>/success", asking(asks.SUCCEED), name="succeed"),
    path("deployments/<int:deployment>/failure", asking(asks.FAIL), name="fail"),
    path("incidents", asking(asks.INCIDENT), name="incident"),
    path("rollbacks", asking(asks.ROLLBACK), name="rollback"),
]
