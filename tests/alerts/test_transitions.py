"""acknowledge() and resolve(): one winner, a named conflict for the others, nobody unentitled."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import Alert
from alerts.transitions import AlertNotFound, Conflict, acknowledge, resolve
from mlpp_gov.identity import NoGovernanceProfile, db_identity
from mlpp_gov.roles import MissingPermission, SpokenRefusal
from tests.database import as_owner

MISSING = "00000000-0000-0000-0000-000000000000"


def alert_as(person, alert_id):
    with db_identity(person):
        return Alert.objects.get(pk=alert_id)


def test_acknowledging_writes_the_person_and_the_time(directeur, make_alert):
    alert_id = make_alert()
    acknowledge(alert_id, actor=directeur)
    alert = alert_as(directeur, alert_id)
    assert (alert.status, alert.acknowledged_by) == ("ACK", directeur.supabase_user_id)
    assert timezone.now() - alert.acknowledged_at < timedelta(minutes=1)


@pytest.mark.parametrize("before", ["OPEN", "ACK"])
def test_resolving_writes_the_person_and_keeps_the_acknowledgement(directeur, make_alert, before):
    alert_id = make_alert(status=before, acknowledged_by=MISSING if before == "ACK" else None)
    resolve(alert_id, actor=directeur)
    alert = alert_as(directeur, alert_id)
    assert (alert.status, alert.resolved_by) == ("RESOLVED", directeur.supabase_user_id)
    assert str(alert.acknowledged_by) == (MISSING if before == "ACK" else "None")


def test_a_second_acknowledgement_is_a_conflict_with_the_firsts_name(admin, directeur, make_alert):
    alert_id = make_alert()
    acknowledge(alert_id, actor=admin)
    with pytest.raises(Conflict) as conflict:
        acknowledge(alert_id, actor=directeur)
    assert (conflict.value.status, conflict.value.by) == ("ACK", str(admin))
    assert conflict.value.at is not None
    assert alert_as(directeur, alert_id).acknowledged_by == admin.supabase_user_id


def test_what_the_system_resolved_is_a_conflict_with_the_system(directeur, make_alert):
    alert_id = make_alert(status="RESOLVED", resolved_at=timezone.now())
    with pytest.raises(Conflict) as conflict:
        resolve(alert_id, actor=directeur)
    assert (conflict.value.status, conflict.value.by) == ("RESOLVED", "le système")


def test_a_person_unknown_here_is_said_to_be_unknown(directeur, make_alert):
    alert_id = make_alert(status="ACK", acknowledged_by=MISSING, acknowledged_at=timezone.now())
    with pytest.raises(Conflict) as conflict:
        acknowledge(alert_id, actor=directeur)
    assert conflict.value.by == "une personne inconnue de ce tableau de bord"


def test_an_unknown_alert_is_not_found(directeur):
    with pytest.raises(AlertNotFound):
        acknowledge(MISSING, actor=directeur)


@pytest.mark.parametrize("who", ["pca", "gerant", "operateur", "lecture"])
def test_a_role_without_the_right_is_refused(who, request, make_alert, directeur):
    alert_id = make_alert()
    with pytest.raises(MissingPermission, match="acquitter et résoudre"):
        acknowledge(alert_id, actor=request.getfixturevalue(who))
    assert alert_as(directeur, alert_id).status == "OPEN"


def test_the_database_refuses_a_role_that_only_this_application_believes(
    pca, directeur, make_alert
):
    alert_id = make_alert()
    pca.role = "directeur"
    with pytest.raises(SpokenRefusal, match="Rien n’a été modifié"):
        acknowledge(alert_id, actor=pca)
    assert alert_as(directeur, alert_id).status == "OPEN"


def test_a_person_without_ml_pp_profile_is_told_so(directeur, make_alert):
    alert_id = make_alert()
    with as_owner() as cursor:
        cursor.execute(
            "DELETE FROM public.profils WHERE user_id = %s", [directeur.supabase_user_id]
        )
    with pytest.raises(NoGovernanceProfile, match="aucun profil"):
        acknowledge(alert_id, actor=directeur)
