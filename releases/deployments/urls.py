from django.urls import path

from releases.deployments import act_views, post_mortem_views, report_views, views

app_name = "deployments"
urlpatterns = [
    path("", views.history, name="history"),
    path("open/", views.open_deployment, name="open"),
    path("rollback/", views.rollback, name="rollback"),
    path("post-mortems/<int:post_mortem>/", post_mortem_views.post_mortem, name="post_mortem"),
    path("<int:deployment>/", views.detail, name="detail"),
    path("<int:deployment>/report/", report_views.report, name="report"),
    path("<int:deployment>/report.md", report_views.report_markdown, name="report_markdown"),
    path("<int:deployment>/plan/", act_views.plan, name="plan"),
    path("<int:deployment>/answer/", act_views.answer, name="answer"),
    path("<int:deployment>/authorise/", act_views.authorise, name="authorise"),
    path("<int:deployment>/start/", act_views.start, name="start"),
    path("<int:deployment>/attempt/", act_views.attempt, name="attempt"),
    path("<int:deployment>/watch/", act_views.watch, name="watch"),
    path("<int:deployment>/incident/", act_views.incident, name="incident"),
    path("<int:deployment>/succeed/", act_views.succeed, name="succeed"),
    path("<int:deployment>/fail/", act_views.fail, name="fail"),
    path("<int:deployment>/correct/", act_views.correct, name="correct"),
]
