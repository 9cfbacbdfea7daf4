from django.apps import AppConfig
from django.db.backends.signals import connection_created

from mlpp_gov.database import refuse_privileged_login, set_owner_search_path


class GouvernanceConfig(AppConfig):
    name = "mlpp_gov"
    verbose_name = "Gouvernance"

    def ready(self) -> None:
        connection_created.connect(set_owner_search_path)
        connection_created.connect(refuse_privileged_login)
