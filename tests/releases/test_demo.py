"""The demonstration's past of releases: what it tells, and that it leaves nothing untrue behind."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from mlpp_gov.demo import loading
from releases import readings
from releases.demo import Unexpected, load
from releases.gate.reading import read_gate
from releases.recommendation import recommend
from releases.register import reading
from tests.database import as_owner


def query(sql: str) -> list[tuple[Any, ...]]:
    with as_owner() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.fixture
def past(db: None) -> None:
    with as_owner():
        loading.load(connection, loading.Scenario.INCIDENT, replace=False)
        assert load(connection, replace=False)


def test_two_went_to_production_one_came_back_and_one_waits_in_staging(past: None) -> None:
    assert readings.running("production").tag == "v1.1.0"
    assert readings.running("staging").tag == "v1.3.0"
    assert readings.post_mortems_owed() == []
    second = readings.deployments_of(readings.release_of_tag("v1.2.0").id)
    assert [d.state for d in second] == ["rolled_back", "success"]
    proposed = recommend(read_gate(None), reading.present())
    assert proposed.scenario == "B"
    assert any("30 h en staging, 48 demandées" in said for said in proposed.missing)
    assert query("SELECT count(*) FROM gouvernance.release_events WHERE refused") == [(0,)]


def test_what_the_system_was_made_to_say_then_is_forgotten(past: None) -> None:
    for table in ("sync_runs", "rls_audits"):
        assert query(f"SELECT count(*) FROM gouvernance.{table}") == [(0,)], table
    assert query("SELECT count(*) FROM gouvernance.releases WHERE registered_at > now()") == [(0,)]


def test_what_is_there_already_stays_unless_it_is_to_be_replaced(past: None) -> None:
    with as_owner():
        assert not load(connection, replace=False)
        assert load(connection, replace=True)
    assert query("SELECT count(*) FROM gouvernance.releases") == [(3,)]


def test_the_rules_are_the_real_ones_and_an_open_critical_alert_is_in_the_way(
    db: None, make_alert: Any
) -> None:
    with as_owner():
        loading.load(connection, loading.Scenario.INCIDENT, replace=False)
    make_alert(severity="CRITICAL", check_code="STOCK_NEGATIF", entity_type="CITERNE_STOCK")
    with pytest.raises(Unexpected, match="Aucune alerte CRITICAL ouverte"), as_owner():
        load(connection, replace=False)


def test_it_loads_in_development_only(settings: Any) -> None:
    settings.DEVELOPMENT = False
    with pytest.raises(CommandError, match="APP_ENV=development"):
        call_command("demo_releases")
