"""The demonstration shows what it promises, contradicts itself nowhere, and loads nowhere else."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import RequestFactory

from mlpp_gov.demo.accounts import ACCOUNTS, DIRECTEUR
from mlpp_gov.demo.loading import DemoError, Scenario, load
from mlpp_gov.demo.rows import KINDS, Row
from mlpp_gov.models import User
from mlpp_gov.roles import Role
from tests.database import Database, as_owner

ROOT = Path(__file__).resolve().parents[2]

REAL_TANKS = [
    ("57da330a-1305-4582-be45-ceab0f1aa795", "TANK1", 500_000),
    ("905b3104-0324-4b5c-ba3d-ae1019746c70", "TANK2", 500_000),
    ("7bf64a46-ca77-4857-af89-2e14d9128473", "TANK3", 500_000),
    ("91d2078b-8e19-43c2-bf33-322a42cd4e94", "TANK4", 500_000),
    ("a76a08a6-9017-421e-b5d3-afe8129a8f9d", "TANK5", 300_000),
    ("6f3e0b4c-abfc-4b67-aaa0-2ca20a59ae1a", "TANK6", 300_000),
]

# Validated movements, signed, and the stock that the books say; litres.
BOOKS = """
    WITH movements AS (
        SELECT citerne_id, produit_id, proprietaire_type, created_at,
               volume_ambiant AS ambient, volume_15c AS at_15c
        FROM public.receptions WHERE statut = 'validee'
        UNION ALL
        SELECT citerne_id, produit_id, proprietaire_type, created_at,
               -volume_ambiant, -volume_corrige_15c
        FROM public.sorties_produit WHERE statut = 'validee'
    ), adjusted AS (
        SELECT citerne_id, proprietaire_type,
               sum(delta_ambiant) AS delta, sum(delta_15c) AS delta_15c
        FROM public.stocks_adjustments GROUP BY citerne_id, proprietaire_type
    )
"""

# Each query finds the rows that contradict others; a demonstration that is to be believed has none.
CONTRADICTIONS = {
    "a snapshot is not its receptions minus its sorties": BOOKS
    + """
        SELECT citerne_id, proprietaire_type
        FROM (
            SELECT citerne_id, produit_id, proprietaire_type,
                   sum(ambient) AS ambient, sum(at_15c) AS at_15c, max(created_at) AS last
            FROM movements GROUP BY citerne_id, produit_id, proprietaire_type
        ) AS m
        FULL JOIN public.stocks_snapshot AS s USING (citerne_id, produit_id, proprietaire_type)
        WHERE abs(s.stock_ambiant - m.ambient) < 0.05 IS NOT TRUE
            OR abs(s.stock_15c - m.at_15c) < 0.05 IS NOT TRUE
            OR s.last_movement_at IS DISTINCT FROM m.last
    """,
    "the last daily stock is not the stock": BOOKS
    + """
        SELECT s.citerne_id, s.proprietaire_type
        FROM public.stocks_snapshot AS s
        LEFT JOIN adjusted AS a USING (citerne_id, proprietaire_type)
        LEFT JOIN LATERAL (
            SELECT j.* FROM public.stocks_journaliers AS j
            WHERE (j.citerne_id, j.produit_id, j.proprietaire_type)
                = (s.citerne_id, s.produit_id, s.proprietaire_type)
            ORDER BY j.date_jour DESC LIMIT 1
        ) AS j ON true
        WHERE abs(j.stock_ambiant - greatest(s.stock_ambiant + coalesce(a.delta, 0), 0)) < 0.05
                IS NOT TRUE
            OR abs(j.stock_15c - greatest(s.stock_15c + coalesce(a.delta_15c, 0), 0)) < 0.05
                IS NOT TRUE
    """,
    "a tank gave more than it held": BOOKS
    + """
        SELECT citerne_id, created_at
        FROM (
            SELECT citerne_id, created_at, sum(ambient) OVER account AS ambient,
                   sum(at_15c) OVER account AS at_15c
            FROM movements
            WINDOW account AS (PARTITION BY citerne_id, proprietaire_type ORDER BY created_at)
        ) AS running
        WHERE least(ambient, at_15c) < 0
    """,
    "the indexes are not the volume": """
        SELECT id FROM public.receptions WHERE index_apres - index_avant <> volume_ambiant
        UNION ALL
        SELECT id FROM public.sorties_produit WHERE index_apres - index_avant <> volume_ambiant
    """,
    "a meter jumps between two validated movements": """
        SELECT id
        FROM (
            SELECT id, index_avant, lag(index_apres, 1, 0)
                OVER (PARTITION BY 'in', citerne_id ORDER BY created_at) AS previous
            FROM public.receptions WHERE statut = 'validee'
            UNION ALL
            SELECT id, index_avant, lag(index_apres, 1, 0)
                OVER (PARTITION BY 'out', citerne_id ORDER BY created_at)
            FROM public.sorties_produit WHERE statut = 'validee'
        ) AS read WHERE index_avant <> previous
    """,
    "a product is in another product's tank": """
        SELECT m.id FROM public.receptions AS m JOIN public.citernes AS c ON c.id = m.citerne_id
        WHERE m.produit_id <> c.produit_id
        UNION ALL
        SELECT m.id FROM public.sorties_produit AS m
        JOIN public.citernes AS c ON c.id = m.citerne_id
        WHERE m.produit_id <> c.produit_id
    """,
    "a truck delivered elsewhere, or something else, than its trip says": """
        SELECT r.id FROM public.receptions AS r
        JOIN public.citernes AS c ON c.id = r.citerne_id
        JOIN public.cours_de_route AS cdr ON cdr.id = r.cours_de_route_id
        WHERE c.depot_id IS DISTINCT FROM cdr.depot_destination_id OR r.produit_id <> cdr.produit_id
    """,
    "a trip is unloaded without a validated reception, or received without being unloaded": """
        SELECT cdr.id FROM public.cours_de_route AS cdr
        LEFT JOIN public.receptions AS r
            ON r.cours_de_route_id = cdr.id AND r.statut = 'validee'
        WHERE (cdr.statut = 'DECHARGE') <> (r.id IS NOT NULL)
    """,
    "more than 0.5 % was lost or found on the road": """
        SELECT r.id FROM public.receptions AS r
        JOIN public.cours_de_route AS cdr ON cdr.id = r.cours_de_route_id
        WHERE r.volume_ambiant NOT BETWEEN cdr.volume * 0.995 AND cdr.volume
    """,
    "something happened before its cause": """
        SELECT r.id FROM public.receptions AS r
        JOIN public.cours_de_route AS cdr ON cdr.id = r.cours_de_route_id
        WHERE r.date_reception <= cdr.date_chargement OR r.created_at <= cdr.created_at
            OR cdr.date_chargement > cdr.created_at::date OR r.date_reception <> r.created_at::date
        UNION ALL
        SELECT a.id FROM public.stocks_adjustments AS a
        JOIN (
            SELECT id, created_at FROM public.receptions
            UNION ALL SELECT id, created_at FROM public.sorties_produit
        ) AS m ON m.id = a.mouvement_id
        WHERE a.created_at <= m.created_at
    """,
    "something is dated in the future": """
        SELECT id FROM public.cours_de_route WHERE greatest(created_at, date_chargement) > now()
        UNION ALL
        SELECT id FROM public.receptions WHERE greatest(created_at, date_reception) > now()
        UNION ALL
        SELECT id FROM public.sorties_produit WHERE greatest(created_at, date_sortie) > now()
        UNION ALL
        SELECT id FROM public.stocks_adjustments WHERE created_at > now()
        UNION ALL
        SELECT id FROM public.system_alerts
        WHERE greatest(last_detected_at, acknowledged_at, resolved_at, updated_at) > now()
    """,
    "a truck is on two trips at once": """
        WITH trips AS (
            SELECT cdr.id, cdr.plaque_camion,
                   tstzrange(cdr.created_at, coalesce(r.created_at, 'infinity')) AS during
            FROM public.cours_de_route AS cdr
            LEFT JOIN public.receptions AS r
                ON r.cours_de_route_id = cdr.id AND r.statut = 'validee'
        )
        SELECT a.id FROM trips AS a JOIN trips AS b
            ON a.plaque_camion = b.plaque_camion AND a.id < b.id AND a.during && b.during
    """,
    "an owner and a beneficiary disagree": """
        SELECT id FROM public.receptions
        WHERE (proprietaire_type = 'PARTENAIRE') <> (partenaire_id IS NOT NULL)
        UNION ALL
        SELECT id FROM public.sorties_produit
        WHERE (proprietaire_type = 'PARTENAIRE') <> (partenaire_id IS NOT NULL)
            OR (proprietaire_type = 'MONALUXE') <> (client_id IS NOT NULL)
    """,
    "a measure is outside what gasoil or petrol can be": """
        SELECT m.id FROM (
            SELECT id, produit_id, temperature_ambiante_c, densite_a_15 FROM public.receptions
            UNION ALL
            SELECT id, produit_id, temperature_ambiante_c, densite_a_15 FROM public.sorties_produit
        ) AS m JOIN public.produits AS p ON p.id = m.produit_id
        WHERE m.temperature_ambiante_c NOT BETWEEN 10 AND 40
            OR (p.code = 'G.O' AND m.densite_a_15 NOT BETWEEN 820 AND 860)
            OR (p.code = 'ESS' AND m.densite_a_15 NOT BETWEEN 720 AND 775)
    """,
    "an alert's times are not in order": """
        SELECT id FROM public.system_alerts
        WHERE acknowledged_at < first_detected_at OR resolved_at < first_detected_at
            OR resolved_at < acknowledged_at OR last_detected_at < first_detected_at
            OR resolved_at < last_detected_at
    """,
    "an alert's state and its actor columns disagree": """
        SELECT id FROM public.system_alerts
        WHERE (status = 'RESOLVED') <> (resolved_at IS NOT NULL)
            OR (status = 'ACK' AND acknowledged_at IS NULL)
            OR (status = 'OPEN' AND acknowledged_at IS NOT NULL)
            OR (acknowledged_at IS NULL) <> (acknowledged_by IS NULL)
            OR (resolved_by IS NOT NULL AND resolved_at IS NULL)
    """,
    "an alert is about nothing": """
        SELECT id FROM public.system_alerts WHERE entity_id NOT IN (
            SELECT id FROM public.citernes UNION ALL SELECT id FROM public.cours_de_route
            UNION ALL SELECT id FROM public.receptions
            UNION ALL SELECT id FROM public.sorties_produit
        )
    """,
}


def query(sql: str) -> list[tuple]:
    with as_owner() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.fixture
def demo(db: None) -> Callable[..., list[Row]]:
    """Load a scenario into the test's own transaction."""

    def loaded(scenario: Scenario, *, replace: bool = False) -> list[Row]:
        with as_owner():
            return load(connection, scenario, replace=replace)

    return loaded


def sync() -> tuple[int, int, int, int]:
    """Run one evaluation: opened, refreshed, reopened, resolved."""
    return query("SELECT opened, refreshed, reopened, resolved FROM gouvernance.sync_alerts()")[0]


def contents() -> dict[str, list[Any]]:
    """Everything the stand-in holds."""
    return {
        kind.TABLE: query(f"SELECT * FROM {kind.TABLE} AS t ORDER BY t::text") for kind in KINDS
    }


# --- The two scenarios ----------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", Scenario)
def test_a_scenario_contradicts_itself_nowhere(
    demo: Callable[..., list[Row]], scenario: Scenario
) -> None:
    demo(scenario)
    found = {fault: rows for fault, sql in CONTRADICTIONS.items() if (rows := query(sql))}
    assert found == {}


def test_production_is_the_observation_of_2026_02_19(demo: Callable[..., list[Row]]) -> None:
    demo(Scenario.PRODUCTION)
    checks = query(
        "SELECT check_code, severity, count(*) FROM public.v_integrity_checks GROUP BY 1, 2"
    )
    assert checks == [("CDR_ARRIVE_STALE", "WARN", 5)]
    assert sync() == (5, 0, 0, 0)


def test_production_has_the_real_depot_and_its_volume_of_data(
    demo: Callable[..., list[Row]],
) -> None:
    demo(Scenario.PRODUCTION)
    tanks = query("SELECT id::text, nom, capacite_totale FROM public.citernes ORDER BY nom")
    counts = query(
        "SELECT (SELECT count(*) FROM public.depots), (SELECT count(*) FROM public.cours_de_route),"
        " (SELECT count(*) FROM public.receptions), (SELECT count(*) FROM public.sorties_produit),"
        " (SELECT count(*) FROM public.stocks_adjustments)"
    )
    assert tanks == REAL_TANKS
    assert counts == [(1, 16, 8, 1, 0)]


def test_production_leaves_no_truck_on_the_road_for_long(demo: Callable[..., list[Row]]) -> None:
    demo(Scenario.PRODUCTION)
    stuck = query(
        "SELECT plaque_camion FROM public.cours_de_route"
        " WHERE statut IN ('CHARGEMENT', 'TRANSIT', 'FRONTIERE')"
        " AND created_at < now() - interval '7 days'"
    )
    assert stuck == []


def test_production_volumes_at_15_degrees_are_within_two_percent(
    demo: Callable[..., list[Row]],
) -> None:
    demo(Scenario.PRODUCTION)
    ratios = query(
        "SELECT volume_15c / volume_ambiant FROM public.receptions"
        " UNION ALL SELECT volume_corrige_15c / volume_ambiant FROM public.sorties_produit"
    )
    assert len(ratios) == 9
    assert all(0.98 < ratio < 1 for (ratio,) in ratios)


def test_incident_makes_these_checks_fire(demo: Callable[..., list[Row]]) -> None:
    demo(Scenario.INCIDENT)
    checks = query("SELECT DISTINCT check_code FROM public.v_integrity_checks")
    assert {code for (code,) in checks} == {
        "CDR_ARRIVE_STALE",
        "CDR_BLOQUE",
        "CDR_RECEPTION_REJETEE",
        "CITERNE_SANS_DEPOT",
        "RECEPTION_ECART_15C",
        "SORTIE_ECART_15C",
        "SORTIE_STOCK_INSUFFISANT",
        "STOCK_NEGATIF",
        "STOCK_OVER_CAPACITY",
    }


def test_incident_hides_a_negative_stock_from_ml_pp_and_one_in_a_tank_without_depot(
    demo: Callable[..., list[Row]],
) -> None:
    demo(Scenario.INCIDENT)
    shown = query(
        "SELECT c.nom, v.stock_ambiant, c.depot_id IS NULL"
        " FROM public.v_integrity_checks AS i"
        " JOIN public.citernes AS c ON c.id = i.entity_id"
        " JOIN public.v_stock_actuel AS v ON v.citerne_id = c.id"
        " WHERE i.check_code = 'STOCK_NEGATIF' ORDER BY c.nom"
    )
    assert shown == [("CITERNE MOBILE", 8_000, True), ("KOLWEZI A2", 0, False)]


def test_incident_overfills_a_tank_that_no_owner_overfills_alone(
    demo: Callable[..., list[Row]],
) -> None:
    demo(Scenario.INCIDENT)
    ((total, biggest, capacity),) = query(
        "SELECT sum(s.stock_ambiant), max(s.stock_ambiant), max(c.capacite_totale)"
        " FROM public.v_integrity_checks AS i"
        " JOIN public.citernes AS c ON c.id = i.entity_id"
        " JOIN public.stocks_snapshot AS s ON s.citerne_id = c.id"
        " WHERE i.check_code = 'STOCK_OVER_CAPACITY'"
    )
    assert biggest < capacity < total


def test_incident_has_alerts_in_all_three_states_after_the_first_evaluation(
    demo: Callable[..., list[Row]],
) -> None:
    demo(Scenario.INCIDENT)
    opened, refreshed, reopened, resolved = sync()
    states = query("SELECT DISTINCT status FROM public.system_alerts ORDER BY 1")
    assert [state for (state,) in states] == ["ACK", "OPEN", "RESOLVED"]
    assert opened > 0
    assert refreshed > 0
    assert (reopened, resolved) == (0, 0), "history has lost its cause, active alerts have one"


def test_incident_remembers_about_90_days_of_alerts_resolved_by_people_and_by_the_system(
    demo: Callable[..., list[Row]],
) -> None:
    demo(Scenario.INCIDENT)
    ((by_people, by_system, oldest),) = query(
        "SELECT count(resolved_by), count(*) - count(resolved_by),"
        " extract(day FROM now() - min(first_detected_at))"
        " FROM public.system_alerts WHERE status = 'RESOLVED'"
    )
    assert by_people > 5
    assert by_system > 5
    assert 80 <= oldest <= 95


def test_incident_has_an_alert_acknowledged_by_the_directeur(
    demo: Callable[..., list[Row]],
) -> None:
    demo(Scenario.INCIDENT)
    people = query("SELECT DISTINCT acknowledged_by FROM public.system_alerts WHERE status = 'ACK'")
    assert people == [(DIRECTEUR.supabase_user_id,)]


# --- The accounts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.username)
def test_each_account_signs_in_with_its_role(
    demo: Callable[..., list[Row]], rf: RequestFactory, account: Any
) -> None:
    demo(Scenario.PRODUCTION)
    user = authenticate(rf.post("/login/"), username=account.username, password="mlpp-demo")
    assert isinstance(user, User)
    assert user.role == account.role


def test_there_is_one_account_for_each_role() -> None:
    assert [account.role for account in ACCOUNTS] == list(Role)


def test_the_password_can_be_chosen(
    demo: Callable[..., list[Row]], rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLPP_DEMO_PASSWORD", "autre-secret")
    demo(Scenario.PRODUCTION)
    sign_in = partial(authenticate, rf.post("/login/"), username="directeur")
    assert sign_in(password="mlpp-demo") is None
    assert sign_in(password="autre-secret") is not None


def test_each_account_of_ml_pp_has_one_profile_of_its_role_and_operateur_has_none(
    demo: Callable[..., list[Row]],
) -> None:
    demo(Scenario.PRODUCTION)
    profiles = query(
        "SELECT u.username, p.role FROM auth.users AS a"
        " LEFT JOIN mlpp_gov_user AS u ON u.supabase_user_id = a.id"
        " LEFT JOIN public.profils AS p ON p.user_id = a.id ORDER BY 1"
    )
    roles = sorted(role.value for role in Role if role is not Role.OPERATEUR)
    assert profiles == [(role, role) for role in roles]


# --- Loading again, and where it refuses ----------------------------------------------------------


def test_a_second_load_is_refused_and_changes_nothing(demo: Callable[..., list[Row]]) -> None:
    demo(Scenario.PRODUCTION)
    before = contents()
    with pytest.raises(DemoError, match=r"déjà des données .*--replace"):
        demo(Scenario.INCIDENT)
    assert contents() == before


def test_replacing_leaves_nothing_of_the_scenario_before(demo: Callable[..., list[Row]]) -> None:
    demo(Scenario.PRODUCTION)
    fresh = {table: len(rows) for table, rows in contents().items()}
    demo(Scenario.INCIDENT, replace=True)
    sync()
    demo(Scenario.PRODUCTION, replace=True)
    assert {table: len(rows) for table, rows in contents().items()} == fresh


def test_the_same_entity_keeps_its_address_from_one_load_to_the_next(
    demo: Callable[..., list[Row]],
) -> None:
    demo(Scenario.INCIDENT)
    before = query("SELECT id FROM public.system_alerts ORDER BY id")
    demo(Scenario.INCIDENT, replace=True)
    assert query("SELECT id FROM public.system_alerts ORDER BY id") == before


def test_the_guards_are_back_once_the_data_is_replaced(demo: Callable[..., list[Row]]) -> None:
    demo(Scenario.INCIDENT)
    demo(Scenario.INCIDENT, replace=True)
    assert query("SHOW session_replication_role") == [("origin",)]


@pytest.mark.parametrize("replace", [False, True])
def test_a_database_that_is_not_the_stand_in_is_never_touched(
    demo: Callable[..., list[Row]], replace: bool
) -> None:
    demo(Scenario.PRODUCTION)
    with as_owner() as cursor:
        cursor.execute("COMMENT ON SCHEMA auth IS NULL")
    before = contents()
    with pytest.raises(DemoError, match="schéma de remplacement de ML_PP"):
        demo(Scenario.PRODUCTION, replace=replace)
    assert contents() == before


def test_without_the_contract_it_says_what_to_run_first(demo: Callable[..., list[Row]]) -> None:
    with as_owner() as cursor:
        cursor.execute("DROP TABLE public.system_alerts CASCADE")
    with pytest.raises(DemoError, match=r"manage\.py contract deploy"):
        demo(Scenario.PRODUCTION)


def test_the_command_refuses_outside_development(settings: Any) -> None:
    settings.DEVELOPMENT, settings.APP_ENV = False, "staging"
    with pytest.raises(CommandError, match=r"APP_ENV=development \(ici : staging\)"):
        call_command("demo", scenario="production")


def test_the_command_refuses_an_unknown_scenario() -> None:
    with pytest.raises(CommandError, match="catastrophe"):
        call_command("demo", "--scenario", "catastrophe")


def test_the_command_loads_the_incident_and_says_what_and_for_whom(
    fresh_database: Database,
) -> None:
    run = [sys.executable, "manage.py", "demo"]
    options = {"cwd": ROOT, "env": fresh_database.env, "capture_output": True, "text": True}
    first = subprocess.run(run, **options, check=True)
    second = subprocess.run(run, **options, check=False)
    assert "Scénario incident chargé. Dépôts : 3 ; citernes : 13" in first.stdout
    assert "admin, directeur, pca, gerant, operateur, lecture" in first.stdout
    assert second.returncode == 1
    assert "--replace" in second.stderr
