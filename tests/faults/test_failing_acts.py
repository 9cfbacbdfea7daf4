"""An act that the database can't take: nothing is done, and the page says why."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mlpp_gov.roles import Role
from tests.database import Database
from tests.faults.conftest import (
    plant_alert,
    plant_person,
    serving,
    wait_until,
    waiting_for_a_lock,
)


def test_with_its_connection_cut_it_is_a_503_and_nothing_is_done(
    fresh_database: Database, tmp_path: Path
) -> None:
    with fresh_database.owner() as owner, fresh_database.owner() as holder:
        plant_person(owner, Role.ADMIN, profile="admin", name="Administratrice")
        _, alert = plant_alert(owner)
        with serving(fresh_database.url, tmp_path / "site.log") as site:
            browser = site.browser("Administratrice")
            page = browser.get(f"/governance/integrity/{alert}/")
            with ThreadPoolExecutor(1) as pool, holder.transaction():
                # The journal's entry in ML_PP's log comes after the change of the alert.
                holder.execute("LOCK TABLE public.log_actions IN SHARE MODE")
                act = pool.submit(browser.submit, page, f"/governance/alerts/{alert}/ack/")
                wait_until(
                    lambda: bool(waiting_for_a_lock(owner, "system_alerts")), "an act that waits"
                )
                (process,) = waiting_for_a_lock(owner, "system_alerts")
                owner.execute("SELECT pg_terminate_backend(%s)", [process])
                answer = act.result(timeout=60)
        assert (answer.status, ">Réessayer</a>" in answer.text) == (503, True)
        assert owner.execute("SELECT status FROM public.system_alerts").fetchone() == ("OPEN",)
        events = owner.execute("SELECT kind FROM gouvernance.alert_events")
        assert events.fetchall() == [("opened",)]


def test_without_the_contract_it_is_a_503_that_names_it(
    fresh_database: Database, tmp_path: Path
) -> None:
    with fresh_database.owner() as owner:
        plant_person(owner, Role.ADMIN, profile="admin", name="Administratrice")
        _, alert = plant_alert(owner)
        with serving(fresh_database.url, tmp_path / "site.log") as site:
            browser = site.browser("Administratrice")
            page = browser.get(f"/governance/integrity/{alert}/")
            owner.execute("ALTER FUNCTION gouvernance.profile_roles(uuid) RENAME TO away")
            answer = browser.submit(page, f"/governance/alerts/{alert}/ack/")
    assert (answer.status, "manage.py contract deploy" in answer.text) == (503, True)


def test_settings_that_fail_at_the_commit_are_not_said_to_be_saved(
    fresh_database: Database, tmp_path: Path
) -> None:
    with fresh_database.owner() as owner:
        plant_person(owner, Role.ADMIN, profile="admin", name="Administratrice")
        owner.execute(
            "CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE 'too late'; END $$"
        )
        owner.execute(
            "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON gouvernance.checks"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fail()"
        )
        with serving(fresh_database.url, tmp_path / "site.log") as site:
            browser = site.browser("Administratrice")
            check = "/governance/integrity/checks/CDR_ARRIVE_STALE/"
            page = browser.get(check)
            answer = browser.submit(page, f"{check}tune/", time_limit="5", threshold_delai="5")
            after = browser.get(check)
        assert (answer.status, after.status) == (500, 200)
        assert "Réglages enregistrés" not in answer.text + after.text
        unchanged = owner.execute(
            "SELECT bool_and(value = initial) FROM gouvernance.check_thresholds"
        )
        assert unchanged.fetchone() == (True,)
