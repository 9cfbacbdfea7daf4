"""What is told, to whom, and once: one pass after the other, against what is true."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from alerts.notifications.queue import queue_notifications
from tests.alerts.notifications.conftest import ask, only, states, tell, with_mail
from tests.breakage import break_check
from tests.business import depot
from tests.database import as_owner

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_critical_goes_at_once_to_directeur_and_admin_and_once(directeur, admin, make_alert):
    alert = make_alert(check_code="STOCK_NEGATIF", severity="CRITICAL", message="TANK3 : -4 000 L")
    sent = tell()
    assert sorted(sent[0].to + sent[1].to) == sorted([directeur.email, admin.email])
    assert sent[0].subject == "CRITICAL · Stock négatif"
    assert "TANK3 : -4 000 L" in sent[0].body
    assert f"/governance/integrity/{alert}/" in sent[0].body
    assert tell() == []
    assert states() == ["sent", "sent"]


def test_nobody_else_is_told(pca, gerant, lecture, make_alert):
    for person in (pca, gerant, lecture):
        with_mail(person)
    make_alert(severity="CRITICAL")
    assert tell() == []


def test_who_has_two_profiles_left_or_has_no_address_is_not_told(directeur, admin, make_alert):
    ask(
        "INSERT INTO public.profils (user_id, role) VALUES (%s, 'admin')",
        directeur.supabase_user_id,
    )
    admin.is_active = False
    admin.save()
    make_alert(severity="CRITICAL")
    assert tell() == []
    assert states() == []


def test_what_was_true_before_the_rule_or_the_person_is_no_news(directeur, make_alert):
    only(severity="CRITICAL", since=timezone.now() - HOUR)
    make_alert(severity="CRITICAL", first_detected_at=timezone.now() - 2 * HOUR)
    assert tell() == []
    directeur.date_joined = timezone.now() + HOUR
    directeur.save()
    make_alert(severity="CRITICAL")
    assert tell() == []


def test_alerts_of_one_cause_are_one_message_that_lists_five(directeur, make_alert):
    only()
    for number in range(42):
        make_alert(check_code="STOCK_NEGATIF", severity="CRITICAL", message=f"TANK{number}")
    (sent,) = tell()
    assert sent.subject == "CRITICAL · Stock négatif : 42 alertes"
    assert sent.body.count("- TANK") == 5
    assert "- et 37 autres" in sent.body
    assert "?check=STOCK_NEGATIF" in sent.body


def test_more_than_four_causes_at_once_are_one_message(directeur, make_alert):
    only()
    for code in range(5):
        for _ in range(3):
            make_alert(check_code=f"CAUSE_{code}")
    (sent,) = tell()
    assert sent.subject == "5 causes, 15 faits à connaître"
    assert all(f"CAUSE_{code}\u00a0: 3 alertes" in sent.body for code in range(5))
    assert tell() == []


def test_a_rule_keeps_to_its_severity_check_and_depot(directeur, make_alert):
    with as_owner() as cursor:
        place = depot(cursor)
    only(severity="WARN", check_code="CDR_ARRIVE_STALE", depot_id=place)
    here, there = f'{{"depot_id": "{place}"}}', f'{{"depot_id": "{uuid4()}"}}'
    make_alert(payload=there)
    make_alert(payload=here, severity="CRITICAL")
    make_alert(payload=here, check_code="CDR_BLOQUE")
    assert tell() == []
    make_alert(payload=here)
    assert len(tell()) == 1


def test_two_rules_that_mean_the_same_tell_it_once(directeur, make_alert):
    first = only()
    ask(
        "INSERT INTO gouvernance.notification_rules (topic, recipient, delivery, since)"
        " SELECT topic, recipient, delivery, since FROM gouvernance.notification_rules WHERE id = %s",
        first,
    )
    make_alert()
    assert len(tell()) == 1


def test_a_warn_that_turns_critical_is_told_again_at_once_even_when_it_is_old(
    directeur, make_alert
):
    old = make_alert(first_detected_at=timezone.now() - DAY)
    only(severity="CRITICAL", since=timezone.now() - HOUR)
    assert tell() == []
    ask("UPDATE public.system_alerts SET severity = 'CRITICAL' WHERE id = %s", old)
    (sent,) = tell()
    assert sent.subject.startswith("CRITICAL · ")
    assert tell() == []


@pytest.mark.parametrize(
    ("at", "quiet", "due"),
    [
        # the depot is two hours ahead of UTC
        (datetime(2026, 2, 19, 8, 20, tzinfo=UTC), (time(20), time(6)), datetime(2026, 2, 19, 9, tzinfo=UTC)),
        (datetime(2026, 2, 19, 17, 20, tzinfo=UTC), (time(20), time(6)), datetime(2026, 2, 20, 4, tzinfo=UTC)),
        (datetime(2026, 2, 19, 23, 20, tzinfo=UTC), (time(20), time(6)), datetime(2026, 2, 20, 4, tzinfo=UTC)),
        (datetime(2026, 2, 20, 3, 0, tzinfo=UTC), (time(20), time(6)), datetime(2026, 2, 20, 4, tzinfo=UTC)),
        (datetime(2026, 2, 19, 10, 20, tzinfo=UTC), (time(12), time(14)), datetime(2026, 2, 19, 12, tzinfo=UTC)),
        (datetime(2026, 2, 19, 8, 20, tzinfo=UTC), (None, None), datetime(2026, 2, 19, 9, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_digest_leaves_at_the_next_full_hour_but_not_in_quiet_hours(db, at, quiet, due):
    ((found,),) = ask("SELECT gouvernance.digest_due(%s, %s, %s, 'Africa/Lubumbashi')", at, *quiet)
    assert found == due


def test_a_digest_gathers_what_comes_until_it_leaves(directeur, make_alert):
    only(delivery="digest")
    make_alert(message="premier")
    assert tell() == []
    make_alert(message="second", check_code="CDR_BLOQUE")
    assert tell() == []
    assert states() == ["waiting"]
    ask("UPDATE gouvernance.notification_messages SET due_at = now()")
    (sent,) = tell()
    assert "premier" in sent.body
    assert "second" in sent.body


def test_what_is_over_before_it_is_sent_is_not_told(directeur, make_alert, resolve):
    only(delivery="digest")
    gone, still = make_alert(message="disparu"), make_alert(message="encore là")
    tell()
    resolve(gone)
    ask("UPDATE gouvernance.notification_messages SET due_at = now()")
    (sent,) = tell()
    assert "disparu" not in sent.body
    resolve(still, "ACK")
    dropped = "SELECT count(*) FROM gouvernance.notification_items WHERE dropped_at IS NOT NULL"
    assert ask(dropped) == [(1,)]


def test_a_message_of_which_nothing_is_left_is_void(directeur, make_alert, resolve):
    only(delivery="digest")
    alert = make_alert()
    tell()
    resolve(alert)
    ask("UPDATE gouvernance.notification_messages SET due_at = now()")
    assert tell() == []
    assert states() == ["void"]


def test_a_rule_switched_off_takes_back_what_waits(directeur, make_alert):
    only(delivery="digest")
    make_alert()
    tell()
    ask("UPDATE gouvernance.notification_rules SET enabled = false")
    ask("UPDATE gouvernance.notification_messages SET due_at = now()")
    assert tell() == []
    assert states() == ["void"]


def test_only_those_who_were_told_learn_that_it_is_over_and_once(directeur, make_alert, resolve):
    only()
    alert = make_alert(check_code="STOCK_NEGATIF", severity="CRITICAL")
    never_told = make_alert(first_detected_at=timezone.now() - 9 * DAY)
    tell()
    resolve(alert)
    resolve(never_told)
    (sent,) = tell()
    assert sent.subject == "Rétabli · Stock négatif"
    assert tell() == []


def test_an_alert_that_is_back_before_it_is_told_restored_is_told_open_again(
    directeur, make_alert, resolve
):
    only()
    alert = make_alert(severity="CRITICAL")
    tell()
    resolve(alert)
    resolve(alert, "OPEN")
    (sent,) = tell()
    assert sent.subject.startswith("CRITICAL · ")


def test_a_rule_without_recovery_says_nothing_at_the_end(directeur, make_alert, resolve):
    only(recovery=False)
    alert = make_alert()
    assert len(tell()) == 1
    resolve(alert)
    assert tell() == []


def test_an_accepted_cause_is_not_said_to_be_restored(directeur, make_alert, resolve):
    only()
    alert = make_alert()
    tell()
    resolve(alert)
    ask("UPDATE gouvernance.alert_periods SET outcome = 'accepted' WHERE alert_id = %s", alert)
    (sent,) = tell()
    assert sent.subject.startswith("Acceptée · ")


def test_an_alert_that_comes_and_goes_says_so_once_a_day(directeur, make_alert, resolve):
    only()
    alert = make_alert(check_code="STOCK_NEGATIF", severity="CRITICAL")
    subjects = [sent.subject for sent in tell()]
    for _ in range(5):
        resolve(alert)
        subjects += [sent.subject for sent in tell()]
        resolve(alert, "OPEN")
        subjects += [sent.subject for sent in tell()]
    critical, restored = "CRITICAL · Stock négatif", "Rétabli · Stock négatif"
    assert subjects == [critical, restored] * 3 + ["Instable · Stock négatif"]


def test_late_alerts_go_to_the_directeur_then_to_the_admin(directeur, admin, make_alert):
    ask("UPDATE gouvernance.notification_rules SET since = now() - interval '9 days'")
    ask("DELETE FROM gouvernance.notification_rules WHERE topic <> 'overdue'")
    make_alert(first_detected_at=timezone.now() - 49 * HOUR)
    (first,) = tell()
    assert first.to == [directeur.email]
    assert first.subject.startswith("En retard · ")
    make_alert(first_detected_at=timezone.now() - 73 * HOUR, check_code="CDR_BLOQUE")
    second = tell()
    assert sorted(mail.to[0] for mail in second) == sorted([directeur.email, admin.email])
    assert tell() == []


def test_an_old_acknowledgement_is_recalled_to_who_has_the_alert(directeur, admin, make_alert):
    ask("UPDATE gouvernance.notification_rules SET since = now() - interval '9 days'")
    ask("DELETE FROM gouvernance.notification_rules WHERE recipient <> 'assignee'")
    alert = make_alert(
        status="ACK",
        first_detected_at=timezone.now() - 30 * HOUR,
        acknowledged_at=timezone.now() - 25 * HOUR,
        acknowledged_by=directeur.supabase_user_id,
    )
    ask("UPDATE gouvernance.alert_periods SET acknowledged_at = now() - interval '25 hours'")
    ask(
        "INSERT INTO gouvernance.alert_assignments (alert_id, assignee, assigned_by)"
        " VALUES (%s, %s, %s)",
        alert,
        admin.supabase_user_id,
        directeur.supabase_user_id,
    )
    (sent,) = tell()
    assert sent.to == [admin.email]
    assert sent.subject.startswith("Acquittée, toujours ouverte · ")
    assert tell() == []


def test_a_failing_check_is_told_once_and_its_return_too(admin):
    def evaluate():
        ask("SELECT gouvernance.sync_alerts()")
        return [sent.subject for sent in tell()]

    ask("SELECT gouvernance.sync_alerts()")
    ((definition,),) = ask("SELECT pg_get_viewdef('gouvernance.check_stock_negatif')")
    with as_owner() as cursor:
        break_check(cursor, "STOCK_NEGATIF")
    assert evaluate() == ["Contrôle en échec · Stock négatif"]
    assert evaluate() == []
    ask(
        "CREATE OR REPLACE VIEW gouvernance.check_stock_negatif AS " + definition.replace("%", "%%")
    )
    assert evaluate() == ["Rétabli · le contrôle Stock négatif s’exécute de nouveau"]
    assert evaluate() == []


@pytest.mark.parametrize(("details", "shown"), [(False, False), (True, True)])
def test_a_channel_hears_names_and_figures_only_where_the_rule_lets_it(
    db, make_alert, monkeypatch, details, shown
):
    heard = []
    monkeypatch.setattr(
        "alerts.notifications.delivery.send",
        lambda recipient, subject, body, message: heard.append((recipient, subject + body)),
    )
    only(recipient="channel:astreinte", details=details)
    make_alert(message="TANK3 : -4 000 L", severity="CRITICAL", check_code="STOCK_NEGATIF")
    tell()
    ((recipient, said),) = heard
    assert recipient == "channel:astreinte"
    assert ("TANK3" in said) is shown
    assert "Stock négatif" in said


def test_a_pass_that_is_rolled_back_leaves_nothing_to_send(directeur, make_alert):
    make_alert(severity="CRITICAL")
    with transaction.atomic():
        assert queue_notifications()
        transaction.set_rollback(True)
    assert states() == []
    assert mail.outbox == []
