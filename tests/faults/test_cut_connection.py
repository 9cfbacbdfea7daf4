"""The server ends a session while a page waits for its answer."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlpp_gov.roles import Role
from tests.database import Database
from tests.faults.conftest import (
    plant_alert,
    plant_person,
    serving,
    wait_until,
    waiting_for_a_lock,
)

LIST = "/governance/integrity/"
DETAIL = "/governance/integrity/{alert}/"


@pytest.mark.parametrize(
    ("path", "relation", "query"),
    [
        pytest.param(LIST, "public.system_alerts", "system_alerts", id="list"),
        pytest.param(DETAIL, "public.system_alerts", "system_alerts", id="detail"),
        pytest.param(DETAIL, "public.stocks_snapshot", "v_integrity_checks", id="live view"),
        pytest.param("/admin/alerts/alert/", "public.system_alerts", "system_alerts", id="admin"),
        pytest.param(LIST, "gouvernance.django_session", "django_session", id="session"),
    ],
)
def test_a_page_whose_connection_is_cut_is_a_503_and_the_next_one_is_whole(
    fresh_database: Database, tmp_path: Path, path: str, relation: str, query: str
) -> None:
    with fresh_database.owner() as owner, fresh_database.owner() as holder:
        plant_person(owner, Role.ADMIN, profile="admin", name="Administratrice")
        _, alert = plant_alert(owner)
        path = path.format(alert=alert)
        with serving(fresh_database.url, tmp_path / "site.log") as site:
            browser = site.browser("Administratrice")
            with ThreadPoolExecutor(1) as pool, holder.transaction():
                holder.execute(f"LOCK TABLE {relation} IN ACCESS EXCLUSIVE MODE")
                page = pool.submit(browser.get, path)
                wait_until(lambda: bool(waiting_for_a_lock(owner, query)), "a page that waits")
                (process,) = waiting_for_a_lock(owner, query)
                owner.execute("SELECT pg_terminate_backend(%s)", [process])
                answer = page.result(timeout=60)
            assert (answer.status, ">Réessayer</a>" in answer.text) == (503, True)
            assert browser.get(path).status == 200
