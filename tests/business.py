"""Rows of the ML_PP tables, planted as their owner; each function returns the new row's id.

What isn't given is healthy: a row made without arguments breaks no rule.
"""

from typing import Any
from uuid import UUID, uuid4

from psycopg import Cursor


def insert(cursor: Cursor[Any], table: str, **values: Any) -> UUID:
    values = {"id": uuid4(), **values}
    cursor.execute(
        f"INSERT INTO public.{table} ({', '.join(values)})"
        f" VALUES ({', '.join(['%s'] * len(values))}) RETURNING id",
        list(values.values()),
    )
    row = cursor.fetchone()
    assert row
    return row[0]


def depot(cursor: Cursor[Any], nom: str = "Dépôt Daipn") -> UUID:
    return insert(cursor, "depots", nom=nom)


def produit(cursor: Cursor[Any]) -> UUID:
    name = f"Gasoil {uuid4()}"
    return insert(cursor, "produits", nom=name, code=name)


def citerne(cursor: Cursor[Any], **values: Any) -> UUID:
    """A 100 000 L tank, active, in a depot of its own."""
    defaults = {"nom": "TANK3", "capacite_totale": 100_000, "capacite_securite": 0}
    values = {**defaults, **values}
    if "depot_id" not in values:
        values["depot_id"] = depot(cursor)
    if "produit_id" not in values:
        values["produit_id"] = produit(cursor)
    return insert(cursor, "citernes", **values)


def _of_tank(cursor: Cursor[Any], tank: UUID) -> dict[str, Any]:
    cursor.execute("SELECT depot_id, produit_id FROM public.citernes WHERE id = %s", [tank])
    row = cursor.fetchone()
    assert row
    return {"citerne_id": tank, "depot_id": row[0], "produit_id": row[1]}


def snapshot(
    cursor: Cursor[Any], tank: UUID, ambiant: float, v15c: float | None = None, **values: Any
) -> None:
    """Stock of one owner (MONALUXE unless said) in a tank, in litres."""
    columns = {
        **_of_tank(cursor, tank),
        "proprietaire_type": "MONALUXE",
        "stock_ambiant": ambiant,
        "stock_15c": ambiant if v15c is None else v15c,
        **values,
    }
    cursor.execute(
        f"INSERT INTO public.stocks_snapshot ({', '.join(columns)})"
        f" VALUES ({', '.join(['%s'] * len(columns))})",
        list(columns.values()),
    )


def adjustment(cursor: Cursor[Any], tank: UUID, delta: float, **values: Any) -> UUID:
    return insert(
        cursor,
        "stocks_adjustments",
        **{
            **_of_tank(cursor, tank),
            "proprietaire_type": "MONALUXE",
            "mouvement_type": "SORTIE",
            "mouvement_id": uuid4(),
            "delta_ambiant": delta,
            "delta_15c": delta,
            "reason": "Correction après jauge",
            **values,
        },
    )


def cdr(
    cursor: Cursor[Any], *, days_old: float = 0, statut: str = "TRANSIT", **values: Any
) -> UUID:
    """A truck whose row was created `days_old` days ago."""
    new = insert(
        cursor,
        "cours_de_route",
        **{"plaque_camion": f"T{uuid4().hex[:6]}", "statut": statut, **values},
    )
    cursor.execute(
        "UPDATE public.cours_de_route SET created_at = now() - %s * interval '1 day' WHERE id = %s",
        [days_old, new],
    )
    return new


def reception(cursor: Cursor[Any], tank: UUID | None = None, **values: Any) -> UUID:
    """A validated reception of 10 000 L ambient, 9 950 L at 15 °C."""
    place = _of_tank(cursor, tank or citerne(cursor))
    del place["depot_id"]
    return insert(
        cursor,
        "receptions",
        **{
            **place,
            "statut": "validee",
            "index_avant": 0,
            "index_apres": 10_000,
            "volume_ambiant": 10_000,
            "volume_15c": 9_950,
            **values,
        },
    )


def sortie(cursor: Cursor[Any], tank: UUID | None = None, **values: Any) -> UUID:
    """A validated sortie of 10 000 L ambient, 9 950 L at 15 °C, to a client."""
    place = _of_tank(cursor, tank or citerne(cursor))
    del place["depot_id"]
    return insert(
        cursor,
        "sorties_produit",
        **{
            **place,
            "client_id": insert(cursor, "clients", nom="Client"),
            "statut": "validee",
            "index_avant": 0,
            "index_apres": 10_000,
            "volume_ambiant": 10_000,
            "volume_corrige_15c": 9_950,
            "plaque_camion": "9876CD05",
            **values,
        },
    )
