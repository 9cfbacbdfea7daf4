"""The checks over years of movements, against V1's rules written plainly and without our indexes."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from django.db import connections

from bench.measure import Result, alternate, rates, seconds
from bench.sync import SYNC, base, clone, drop, execute, server_version
from integrity.checks.catalogue import catalogue
from mlpp_gov import indexes
from tests import database

FOLDER = Path(__file__).parent
SEED = "bench_history"
LARGE, SMALL = 1_000_000, 100_000
FEW, MANY = 100, 25_000
V1 = (
    "CDR_ARRIVE_STALE",
    "RECEPTION_ECART_15C",
    "SORTIE_ECART_15C",
    "STOCK_NEGATIF",
    "STOCK_OVER_CAPACITY",
)

# What is wrong; and the same with its words and payload, which cost by the anomaly whoever finds it.
READS = {
    "keys": "SELECT count(entity_id) FROM ({}) AS found",
    "rows": "SELECT count(entity_id), count(message), count(payload) FROM ({}) AS found",
}
OURS = " UNION ALL ".join(
    f"SELECT entity_id, message, payload FROM {catalogue()[c].view}" for c in V1
)
PLAIN = "SELECT entity_id, message, payload FROM public.plain_v1"
INSERTS = {
    "receptions": """
        INSERT INTO public.receptions
            (citerne_id, produit_id, index_avant, index_apres, volume_ambiant, volume_15c,
             temperature_ambiante_c, densite_a_15, statut, date_reception)
        SELECT c.id, c.produit_id, 0, 10000, 10000, 9950, 22, 838, 'validee', current_date
        FROM generate_series(1, 250), public.citernes AS c
    """,
    "sorties": """
        INSERT INTO public.sorties_produit
            (citerne_id, produit_id, client_id, index_avant, index_apres, volume_ambiant,
             volume_corrige_15c, temperature_ambiante_c, densite_a_15, statut, plaque_camion)
        SELECT c.id, c.produit_id, k.id, 0, 10000, 10000, 9950, 22, 838, 'validee', '1234AB05'
        FROM generate_series(1, 250), public.citernes AS c, public.clients AS k
    """,
    "trucks": """
        INSERT INTO public.cours_de_route (plaque_camion, statut, depot_destination_id, produit_id)
        SELECT 'N' || n, 'CHARGEMENT', d.id, p.id
        FROM generate_series(1, 5000) AS n, public.depots AS d, public.produits AS p
        WHERE p.code = 'AGO' AND d.nom = 'Dépôt 1'
    """,
}


def v1() -> list[Result]:
    """V1's five checks, with few and with many anomalies in a million receptions and as many sorties;
    then what ten times the history costs."""
    results: list[Result] = []
    growth: dict[int, list[float]] = {}
    for movements, anomalies in ((SMALL, FEW), (LARGE, FEW), (LARGE, MANY)):
        _seed(movements, anomalies)
        with ExitStack() as stack:
            ours = stack.enter_context(clone("bench_ours", SEED))
            plain = stack.enter_context(clone("bench_plain", SEED))
            _remove_indexes("bench_plain")
            for what, read in READS.items():
                contenders = {
                    "ours": _timed(ours, read.format(OURS)),
                    "plain": _timed(plain, read.format(PLAIN)),
                }
                alternate(
                    contenders, samples=1
                )  # the first reading of a clone finds nothing in memory
                durations = alternate(contenders)
                results.append(
                    rates(
                        f"checks.v1.{movements}.{anomalies}.{what}",
                        2 * movements,
                        durations["ours"],
                        durations["plain"],
                        f"{_conditions(movements, anomalies)}; {what} of the five checks in one backend, as"
                        " a statement that writes has; the reference has the plain V1 view and none of our"
                        " indexes",
                    )
                )
                if (anomalies, what) == (FEW, "rows"):
                    growth[movements] = durations["ours"]
    results.append(
        rates(
            "checks.v1.growth",
            FEW,
            growth[LARGE],
            growth[SMALL],
            f"{FEW} anomalies in {LARGE} movements of each kind against {SMALL}: anomalies per second;"
            " 1 over the ratio is how many times slower",
        )
    )
    return results


def whole_run() -> list[Result]:
    """One evaluation of every check, replays included, against V1's view read once."""
    _seed(LARGE, FEW)
    with ExitStack() as stack:
        ours = stack.enter_context(clone("bench_ours", SEED))
        plain = stack.enter_context(clone("bench_plain", SEED))
        _remove_indexes("bench_plain")
        durations = alternate(
            {
                "ours": partial(seconds, partial(execute, ours, SYNC)),
                "plain": _timed(plain, READS["rows"].format(PLAIN)),
            }
        )
        slowest = ours.execute(
            "SELECT string_agg(format('%s %s ms', check_code, round(duration_ms)), ', ')"
            " FROM (SELECT * FROM gouvernance.check_runs ORDER BY run DESC, duration_ms DESC LIMIT 5) AS r"
        ).fetchone()
    return [
        rates(
            "checks.whole_run",
            2 * LARGE,
            durations["ours"],
            durations["plain"],
            f"{_conditions(LARGE, FEW)}; movements per second: a run took {median(durations['ours']):.1f} s;"
            f" {len(catalogue())} checks, the slowest: {slowest[0] if slowest else ''};"
            " the reference reads the plain V1 view once, without our indexes",
        )
    ]


def writes() -> list[Result]:
    """What our indexes cost a bulk insert, every constraint and foreign key of the stand-in in place."""
    _seed(SMALL, FEW)
    results = []
    for table, sql in INSERTS.items():

        def run(name: str, sql: str = sql) -> float:
            with clone(name, SEED) as connection:
                if name == "bench_plain":
                    _remove_indexes(name)
                connection.execute("CHECKPOINT")
                return seconds(partial(execute, connection, sql))

        durations = alternate(
            {n: partial(run, n) for n in ("bench_ours", "bench_plain")}, samples=9
        )
        results.append(
            rates(
                f"checks.writes.{table}",
                5_000 if table == "trucks" else 50_000,
                durations["bench_ours"],
                durations["bench_plain"],
                f"rows inserted at once into {SMALL} of each kind; {server_version()} without fsync;"
                " the reference has none of our indexes",
            )
        )
    return results


def _conditions(movements: int, anomalies: int) -> str:
    return (
        f"{movements} receptions, {movements} sorties, {movements // 2} trucks, 200 tanks, five years,"
        f" about {anomalies} anomalies; wall clock, medians of alternating runs; PostgreSQL {server_version()}"
    )


def _timed(connection: psycopg.Connection[Any], sql: str) -> Callable[[], float]:
    """One backend, as an evaluation has it: PostgreSQL runs no statement that writes in parallel."""
    connection.execute("SET max_parallel_workers_per_gather = 0")
    return partial(seconds, lambda: connection.execute(sql).fetchall())


def _seed(movements: int, anomalies: int) -> None:
    """A history with the contract and its indexes, that clones start from."""
    drop(SEED)
    database.run_on_server(f"CREATE DATABASE {SEED} TEMPLATE {base()}")
    values = {"movements": movements, "anomalies": anomalies}
    with psycopg.connect(database.url_of(SEED), autocommit=True) as connection:
        connection.execute((FOLDER / "v1_view.sql").read_text(encoding="utf-8"))
        for statement in (FOLDER / "history.sql").read_text(encoding="utf-8").split(";\n"):
            connection.execute(statement, values)
        connection.execute("VACUUM ANALYZE")


def _remove_indexes(name: str) -> None:
    """Take our indexes from a clone."""
    owner = connections["owner"]
    usual = owner.settings_dict["NAME"]
    owner.settings_dict["NAME"] = name
    try:
        indexes.remove(owner)
    finally:
        owner.close()
        owner.settings_dict["NAME"] = usual
