"""Who can sign in, and how surely."""

from django.conf import settings

from mlpp_gov.doctor.bounds import asked
from mlpp_gov.doctor.registry import Finding, check, ok, warn
from mlpp_gov.roles import Role
from mlpp_gov.signin.factor import REQUIRED_FOR

ACCOUNTS = """
    SELECT
        count(*) FILTER (WHERE u.role = %s),
        count(*) FILTER (WHERE u.role = ANY (%s) AND NOT EXISTS (
            SELECT FROM gouvernance.otp_totp_totpdevice AS d WHERE d.user_id = u.id AND d.confirmed
        ))
    FROM gouvernance.mlpp_gov_user AS u
    WHERE u.is_active
"""


@check("second_factor", "Double authentification", asks_database=True)
def those_who_decide_have_a_second_factor() -> Finding:
    ((administrators, without),) = asked(ACCOUNTS, [Role.ADMIN, sorted(REQUIRED_FOR)])
    if not administrators:
        return warn(
            "Aucun administrateur n’a de compte actif.",
            "Créez-en un\u00a0: «\u00a0manage.py createsuperuser\u00a0». Avec AUTH_MODE=gotrue, son compte "
            "naît à sa première connexion.",
        )
    if not settings.SECOND_FACTOR_REQUIRED:
        return ok("Administrateurs présents ; la double authentification n’est pas exigée ici.")
    if without:
        return warn(
            f"Comptes d’administrateurs et de directeurs sans double authentification\u00a0: {without}.",
            "Que chacun se connecte une fois\u00a0: d’ici là, son mot de passe seul suffirait à un autre "
            "pour l’ajouter à sa place. Fermez les comptes qui ne servent pas.",
        )
    return ok("Tous les administrateurs et directeurs ont la double authentification.")
