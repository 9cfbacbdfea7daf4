from django.db import migrations


class Migration(migrations.Migration):
    """The job queue is installed: the application's login may use it."""

    dependencies = [
        ("mlpp_gov", "0001_initial"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(
            "SELECT gouvernance.grant_job_queue()", reverse_sql=migrations.RunSQL.noop
        ),
    ]
