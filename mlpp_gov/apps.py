from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.signals import request_started
from django.db.backends.signals import connection_created
from django.db.models.signals import pre_save
from django.utils.translation import deactivate, gettext_lazy

from mlpp_gov.database import refuse_privileged_login, set_owner_search_path


class GouvernanceConfig(AppConfig):
    name = "mlpp_gov"
    verbose_name = gettext_lazy("Gouvernance")

    def ready(self) -> None:
        connection_created.connect(set_owner_search_path)
        connection_created.connect(refuse_privileged_login)
        # Refused before LanguageMiddleware, a request does not speak the language of the one before it.
        request_started.connect(_speak_french)
        self._watch_the_door()

    def _watch_the_door(self) -> None:
        """Once the models are there."""
        from axes.models import AccessAttempt

        from mlpp_gov.access import signals
        from mlpp_gov.signin.lockout import leave_out_what_was_sent
        from mlpp_gov.signin.sessions import note_sign_in

        user_logged_in.connect(note_sign_in)
        signals.connect()
        pre_save.connect(leave_out_what_was_sent, sender=AccessAttempt)


def _speak_french(**_: object) -> None:
    deactivate()
