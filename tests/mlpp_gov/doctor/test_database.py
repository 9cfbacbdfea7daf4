"""The self-test on what PostgreSQL holds: green as installed, and each fault named."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from integrity import doctor as of_integrity
from mlpp_gov.doctor import database, people, work
from mlpp_gov.doctor.registry import Finding
from mlpp_gov.models import User
from tests.alerts.notifications.conftest import only
from tests.database import as_owner
from tests.mlpp_gov.doctor.test_configuration import FAIL, OK, WARN, state


def plant(sql: str, *parameters: object) -> None:
    with as_owner() as cursor:
        cursor.execute(sql, parameters or None)


def shown(look: Callable[[], Finding], word: str) -> tuple[Any, bool]:
    finding = look()
    return state(finding), word in finding.said


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_installed_product_is_well():
    for look in (
        database.database_answers,
        database.login_has_its_rights_and_no_more,
        database.pooler_is_as_declared,
        database.every_migration_is_applied,
        database.contract_is_deployed,
        database.clocks_agree,
        of_integrity.channels_of_rules_work,
    ):
        assert state(look()) == OK, look


@pytest.mark.parametrize(("older_than", "expected"), [(15, OK), (99, FAIL)])
def test_a_postgresql_that_is_too_old_fails(db, monkeypatch, older_than, expected):
    monkeypatch.setattr(database, "OLDEST", older_than)
    assert state(database.database_answers()) == expected


def test_a_postgresql_that_nobody_tried_warns(db, monkeypatch):
    monkeypatch.setattr(database, "NEWEST", 10)
    assert shown(database.database_answers, "n’a pas été essayé") == (WARN, True)


def test_a_superuser_fails_with_what_to_connect_with(db):
    with as_owner():
        finding = database.login_has_its_rights_and_no_more()
    assert (state(finding), "SUPERUSER" in finding.said) == (FAIL, True)
    assert "mlpp_gov_app" in finding.to_do


def test_a_login_outside_authenticated_fails(db):
    plant("REVOKE authenticated FROM mlpp_gov_app")
    assert shown(database.login_has_its_rights_and_no_more, "authenticated") == (FAIL, True)


def test_a_login_that_does_not_find_the_tables_fails(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = public")
    assert shown(database.login_has_its_rights_and_no_more, "search_path") == (FAIL, True)


def test_a_missing_migration_fails_and_is_named(db):
    plant("DELETE FROM gouvernance.django_migrations WHERE app = 'integrity'")
    assert shown(database.every_migration_is_applied, "integrity.0001_initial") == (FAIL, True)


def test_without_the_contract_it_fails(db):
    plant("ALTER VIEW public.v_integrity_checks RENAME TO away")
    assert state(database.contract_is_deployed()) == FAIL


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_contract_that_somebody_changed_fails_and_says_what():
    with connections["owner"].cursor() as cursor:
        cursor.execute("GRANT SELECT ON public.v_integrity_checks TO anon")
    assert shown(database.contract_is_deployed, "en trop anon: SELECT") == (FAIL, True)


def test_without_the_owner_s_login_it_says_what_was_not_compared(db, monkeypatch):
    with monkeypatch.context() as without:  # back before Django gives its connections free again
        without.delitem(connections.settings, "owner")
        assert shown(database.contract_is_deployed, "DATABASE_OWNER_URL") == (OK, True)


@pytest.mark.parametrize(
    ("ahead", "expected"), [(-4, OK), (4, OK), (-20, WARN), (20, WARN), (-90, FAIL), (90, FAIL)]
)
def test_a_clock_that_differs_from_postgresql_s_warns_then_fails(db, monkeypatch, ahead, expected):
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=ahead))
    assert state(database.clocks_agree()) == expected


def test_a_zone_that_postgresql_does_not_know_fails(db, monkeypatch):
    monkeypatch.setattr(django_settings, "TIME_ZONE", "Mars/Olympus")
    assert shown(database.clocks_agree, "Mars/Olympus") == (FAIL, True)


def test_without_an_administrator_it_warns(db):
    assert shown(people.those_who_decide_have_a_second_factor, "Aucun") == (WARN, True)


def test_those_who_decide_without_a_second_factor_are_counted(
    admin: User, directeur: User, gerant: User, settings: Any
):
    look = people.those_who_decide_have_a_second_factor
    assert state(look()) == OK
    settings.SECOND_FACTOR_REQUIRED = True
    assert shown(look, "\u00a0: 2.") == (WARN, True)
    TOTPDevice.objects.create(user=admin)
    directeur.is_active = False
    directeur.save()
    assert state(look()) == OK


# --- The work ------------------------------------------------------------------------------------


def evaluated(minutes: int) -> None:
    plant("SELECT gouvernance.sync_alerts()")
    plant(
        "UPDATE gouvernance.sync_runs SET started_at = started_at - %s, finished_at = finished_at - %s",
        *[timedelta(minutes=minutes)] * 2,
    )


def silent(seconds: int) -> None:
    plant(
        "INSERT INTO gouvernance.procrastinate_workers (last_heartbeat) VALUES (now() - %s)",
        timedelta(seconds=seconds),
    )


def test_a_worker_that_gives_signs_of_life_is_well_and_one_that_stopped_fails(db):
    silent(seconds=40)
    assert state(work.a_worker_lives()) == FAIL
    silent(seconds=5)
    assert shown(work.a_worker_lives, "\u00a0: 1.") == (OK, True)


def test_without_a_worker_an_evaluation_by_another_path_is_a_warning(db):
    evaluated(minutes=1)
    assert shown(work.a_worker_lives, "cron") == (WARN, True)


@pytest.mark.parametrize(
    ("minutes", "expected"), [(0, OK), (9, OK), (11, WARN), (29, WARN), (31, FAIL)]
)
def test_an_old_evaluation_warns_then_fails(db, minutes, expected):
    evaluated(minutes)
    assert state(work.checks_were_evaluated_lately()) == expected


def test_no_evaluation_ever_or_a_failing_check_warns(db):
    assert shown(work.checks_were_evaluated_lately, "Jamais évalué") == (WARN, True)
    plant("ALTER VIEW gouvernance.check_stock_negatif RENAME TO away")
    evaluated(minutes=0)
    assert shown(work.checks_were_evaluated_lately, "1 contrôle en échec") == (WARN, True)


# --- The channels, the audit ---------------------------------------------------------------------


def test_a_rule_that_names_an_absent_channel_fails(db, settings):
    settings.NOTIFY_CHANNELS = {"depot": "json://jeton-tres-secret@127.0.0.1:9"}
    finding = of_integrity.channels_of_rules_work()
    assert (state(finding), finding.said) == (OK, "depot (json).")
    only(recipient="channel:astreinte")
    assert shown(of_integrity.channels_of_rules_work, "astreinte") == (FAIL, True)


def test_a_channel_whose_last_message_did_not_leave_warns(db, settings):
    settings.NOTIFY_CHANNELS = {"astreinte": "json://127.0.0.1:9"}
    only(recipient="channel:astreinte")
    plant(
        "WITH m AS (INSERT INTO gouvernance.notification_messages"
        " (topic, recipient, state) VALUES ('opened', 'channel:astreinte', 'given_up') RETURNING id)"
        " INSERT INTO gouvernance.notification_attempts"
        " (message, started_at, finished_at, outcome, failure)"
        " SELECT id, now(), now(), 'failed', 'HTTP 500' FROM m"
    )
    assert shown(of_integrity.channels_of_rules_work, "astreinte") == (WARN, True)


def audited(findings: str, *, hours: int = 0) -> None:
    plant(
        "SELECT gouvernance.record_rls_audit(now() - %s, 'v0', 'worker', %s, NULL)",
        timedelta(hours=hours),
        findings,
    )


def test_the_last_rls_audit_is_recent_and_finds_nothing_that_blocks(db):
    look = of_integrity.last_audit_is_recent_and_clean
    assert shown(look, "Aucun audit") == (WARN, True)
    audited("[]", hours=49)
    assert shown(look, "trop vieux") == (WARN, True)
    audited('[{"level": "error", "finding": "PUBLIC_POLICY"}]')
    assert shown(look, "{public}\u00a0: 1") == (FAIL, True)
    audited("[]")
    assert state(look()) == OK
