"""The weekly report leaves on Monday morning, once, to those whose rule asks for it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from integrity.cockpit.report_mail import queue_weekly_report
from mlpp_gov import producer
from mlpp_gov.templatetags.governance import moment
from tests.alerts.notifications.conftest import ask, only, states, tell, with_mail

# Monday 23 February 2026; the depot is two hours ahead of UTC.
BEFORE, MONDAY = datetime(2026, 2, 23, 4, 59, tzinfo=UTC), datetime(2026, 2, 23, 5, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def reader(pca):
    with_mail(pca)
    pca.date_joined = LONG_AGO
    pca.save()
    return pca


def test_nobody_gets_it_until_an_administrator_asks_for_it(reader):
    assert queue_weekly_report(MONDAY) == 0


def test_it_leaves_from_monday_seven_on_and_once(reader):
    only(topic="weekly_report", recipient="role:pca", since=LONG_AGO)
    assert queue_weekly_report(BEFORE) == 0
    assert queue_weekly_report(MONDAY) == 1
    assert queue_weekly_report(MONDAY + timedelta(days=3)) == 0
    weeks = ask("SELECT key FROM gouvernance.notification_items ORDER BY id")
    assert weeks == [("2026-W08",)]


def test_a_rule_made_later_waits_for_the_next_monday(reader):
    only(topic="weekly_report", recipient="role:pca", since=MONDAY + timedelta(hours=1))
    assert queue_weekly_report(MONDAY + timedelta(hours=2)) == 0
    assert queue_weekly_report(MONDAY + timedelta(days=7)) == 1


def test_it_carries_week_figures_link_author_and_time(reader, make_alert):
    only(topic="weekly_report", recipient="role:pca", since=LONG_AGO)
    opened = datetime(2026, 2, 18, 8, tzinfo=UTC)
    for days in (0, 1, -7):
        make_alert(first_detected_at=opened + timedelta(days=days))
    with translation.override("en"):  # it is French whoever is at work
        queue_weekly_report(MONDAY)
    (sent,) = tell()
    assert sent.to == [reader.email]
    assert "2026-W08" in sent.subject
    assert "du 16/02/2026 au 22/02/2026" in sent.body
    assert "Ouvertes\u00a0: 2 (1)" in sent.body
    assert "/governance/report/?week=2026-W08" in sent.body
    assert f"Produit automatiquement le {moment(MONDAY)}." in sent.body
    assert sent.body.endswith(producer.line())
    assert states() == ["sent"]
