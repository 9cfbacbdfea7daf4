from django.apps import AppConfig


class IntegrityConfig(AppConfig):
    name = "integrity"
    verbose_name = "Intégrité"

    def ready(self) -> None:
        from alerts.notifications.wording import Labels
        from integrity.checks.evaluation import label_of

        Labels.of = staticmethod(label_of)
