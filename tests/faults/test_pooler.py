"""The whole application through PgBouncer: in transaction mode, and in session mode."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlpp_gov.roles import Role
from tests import business
from tests.database import Database
from tests.faults.conftest import PGBOUNCER, Pooler, plant_alert, plant_person, serving

LIST = "/governance/integrity/"
FACT = "arrivé sans réception"
POOLER_TROUBLE = re.compile(r"prepared statement|cursor|\[ERROR\]| ERROR ", re.IGNORECASE)


def pooler_settings() -> list[dict[str, str]]:
    """PgBouncer's defaults and, since 1.21, no prepared statements and many."""
    settings = [{"default_pool_size": "2"}]
    if PGBOUNCER:
        said = subprocess.run([PGBOUNCER, "--version"], capture_output=True, text=True, check=True)
        major, minor = re.search(r"PgBouncer (\d+)\.(\d+)", said.stdout).groups()
        if (int(major), int(minor)) >= (1, 21):
            settings += [{"max_prepared_statements": number} for number in ("0", "200")]
    return settings


@pytest.mark.parametrize("pooler", pooler_settings(), indirect=True, ids=str)
def test_every_screen_and_act_works(
    fresh_database: Database, pooler: Pooler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_POOLING", "transaction")
    with fresh_database.owner() as owner:
        plant_person(owner, Role.ADMIN, profile="admin", name="Administratrice")
        truck, alert = plant_alert(owner)
    detail = f"{LIST}{alert}/"
    with serving(pooler.url, tmp_path / "site.log") as site:
        admin = site.browser("Administratrice")
        assert FACT in admin.get(LIST).text
        page = admin.submit(admin.get(detail), f"/governance/alerts/{alert}/ack/")
        assert (page.status, "Alerte acquittée" in page.text) == (200, True)
        with fresh_database.owner() as owner:
            owner.execute("UPDATE cours_de_route SET statut = 'TRANSIT' WHERE id = %s", [truck])
        page = admin.submit(admin.get(detail), f"/governance/alerts/{alert}/resolve/")
        assert (page.status, "Alerte résolue" in page.text) == (200, True)
        assert FACT in admin.get("/admin/alerts/alert/").text
        assert admin.get("/health").status == 200
    with fresh_database.owner() as owner:
        assert owner.execute("SELECT status FROM public.system_alerts").fetchone() == ("RESOLVED",)
    assert POOLER_TROUBLE.findall(site.log.read_text()) == []
    assert POOLER_TROUBLE.findall(pooler.log.read_text()) == []


def test_an_evaluation_works(fresh_database: Database, pooler: Pooler) -> None:
    with fresh_database.owner() as owner:
        business.cdr(owner.cursor(), days_old=3, statut="ARRIVE")
    done = subprocess.run(
        [sys.executable, "manage.py", "sync_alerts"],
        env={**fresh_database.env, "DATABASE_URL": pooler.url},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ouvertes 1,")


def test_200_alternating_requests_never_show_one_what_the_other_may_see(
    fresh_database: Database, pooler: Pooler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_POOLING", "transaction")
    with fresh_database.owner() as owner:
        plant_person(owner, Role.ADMIN, profile="admin", name="Administratrice")
        # The application would let them in: here only PostgreSQL knows better.
        plant_person(owner, Role.ADMIN, profile="lecture", name="Sans droit")
        plant_alert(owner)
    with serving(pooler.url, tmp_path / "site.log") as site, ThreadPoolExecutor(4) as pool:
        visitors = [site.browser(name) for name in ("Administratrice", "Sans droit")]
        pages = list(pool.map(lambda number: visitors[number % 2].get(LIST), range(200)))
    assert {(page.status, FACT in page.text) for page in pages[::2]} == {(200, True)}
    assert {(page.status, FACT in page.text) for page in pages[1::2]} == {(403, False)}
    assert POOLER_TROUBLE.findall(site.log.read_text()) == []


@pytest.mark.parametrize(
    "pooler", [{"pool_mode": "session", "default_pool_size": "2"}], indirect=True, ids=str
)
def test_in_session_mode_more_threads_than_connections_all_get_their_turn(
    fresh_database: Database, pooler: Pooler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_POOLING", "session")
    with fresh_database.owner() as owner:
        plant_person(owner, Role.ADMIN, profile="admin", name="Administratrice")
        plant_alert(owner)
    with serving(pooler.url, tmp_path / "site.log") as site, ThreadPoolExecutor(8) as pool:
        admin = site.browser("Administratrice")
        pages = list(pool.map(lambda _: admin.get(LIST), range(40)))
    assert {(page.status, FACT in page.text) for page in pages} == {(200, True)}
    assert POOLER_TROUBLE.findall(pooler.log.read_text()) == []
