"""The periodic evaluation as one job sees it, and what it tells Sentry: each thing once."""

import time
from datetime import timedelta
from itertools import pairwise

import pytest
from croniter import croniter
from django.db import DatabaseError

from alerts import tasks
from alerts.models import SyncFailure, SyncPath, SyncRun
from alerts.sync import sync_alerts
from tests.breakage import break_check
from tests.database import as_owner

JUST_NOW = timedelta(minutes=1)


def evaluate_anew() -> None:
    """The job of a period that nobody has evaluated."""
    tasks.evaluate(timestamp=int(time.time() + JUST_NOW.total_seconds()))


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(tasks, "report", sent.append)
    return sent


def break_everything() -> None:
    with as_owner() as cursor:
        cursor.execute("ALTER FUNCTION gouvernance.separate_checks() RENAME TO away")


def mend_everything() -> None:
    with as_owner() as cursor:
        cursor.execute("ALTER FUNCTION gouvernance.away() RENAME TO separate_checks")


@pytest.mark.parametrize("minutes", range(1, 61))
def test_no_two_evaluations_are_further_apart_than_the_period(minutes):
    period = timedelta(minutes=minutes)
    times = croniter(tasks.cron_of(period), 0)
    starts = [times.get_next(float) for _ in range(150)]
    gaps = {later - sooner for sooner, later in pairwise(starts)}
    assert max(gaps) == period.total_seconds()


def test_the_worker_evaluates_and_the_run_says_that_it_was_the_worker(db, reports):
    evaluate_anew()
    assert [run.path for run in SyncRun.objects.all()] == [SyncPath.WORKER]
    assert reports == []


def test_a_period_that_any_path_has_evaluated_is_not_evaluated_again(db):
    sync_alerts()
    tasks.evaluate(timestamp=int(time.time() - JUST_NOW.total_seconds()))
    assert [run.path for run in SyncRun.objects.all()] == [SyncPath.COMMAND]


def test_a_check_that_goes_on_failing_is_reported_once_and_another_one_too(db, reports):
    with as_owner() as cursor:
        break_check(cursor, "STOCK_NEGATIF")
    evaluate_anew()
    evaluate_anew()
    assert reports == ["Contrôles en échec : STOCK_NEGATIF."]
    with as_owner() as cursor:
        break_check(cursor, "STOCK_OVER_CAPACITY")
    evaluate_anew()
    assert reports[1:] == ["Contrôles en échec : STOCK_OVER_CAPACITY."]


def test_a_failure_of_the_whole_is_recorded_each_time_and_reported_once(db, reports):
    break_everything()
    for _ in range(3):
        with pytest.raises(DatabaseError):
            evaluate_anew()
    failures = SyncFailure.objects.all()
    assert [failure.path for failure in failures] == [SyncPath.WORKER] * 3
    assert all("separate_checks" in failure.failure for failure in failures)
    assert all(failure.started_at <= failure.failed_at for failure in failures)
    assert len(reports) == 1
    assert "gouvernance.sync_failures" in reports[0]


def test_a_failure_that_comes_back_after_a_success_is_reported_again(db, reports):
    break_everything()
    with pytest.raises(DatabaseError):
        evaluate_anew()
    with as_owner() as cursor:  # in one transaction, now() stands still
        cursor.execute(
            "UPDATE gouvernance.sync_failures SET started_at = started_at - interval '1 hour',"
            " failed_at = failed_at - interval '1 hour'"
        )
    mend_everything()
    evaluate_anew()
    break_everything()
    with pytest.raises(DatabaseError):
        evaluate_anew()
    assert len(reports) == 2


def test_failures_are_kept_for_35_days(db):
    break_everything()
    with pytest.raises(DatabaseError):
        sync_alerts()
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE gouvernance.sync_failures SET started_at = started_at - interval '36 days',"
            " failed_at = failed_at - interval '36 days'"
        )
    with pytest.raises(DatabaseError):
        sync_alerts()
    assert SyncFailure.objects.count() == 1
