"""Rows of the ML_PP tables, planted as their owner; each function returns the new row's id.

What isn't given is healthy: a row made without arguments breaks no rule. So the books follow the
movements: stock, and what was there first, are written beside them unless `booked=False`.
"""

from typing import Any
from uuid import UUID, uuid4

from psycopg import Cursor

OPENING = 20_000  # litres in a tank, for each owner, before its first movement
MEASURABLE = 1e9  # litres; the books do not follow a volume beyond, nor NaN


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
    cursor: Cursor[Any],
    tank: UUID,
    ambiant: float,
    v15c: float | None = None,
    *,
    booked: bool = True,
    **values: Any,
) -> None:
    """Stock of one owner (MONALUXE unless said) in a tank, in litres, declared as its opening stock.

    To be planted before the owner's movements in that tank: they then follow from it.
    """
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
    if booked and _measurable(columns["stock_ambiant"]) and _measurable(columns["stock_15c"]):
        opening_stock(
            cursor,
            tank,
            columns["stock_ambiant"],
            columns["stock_15c"],
            produit_id=columns["produit_id"],
            proprietaire_type=columns["proprietaire_type"],
        )


def opening_stock(
    cursor: Cursor[Any], tank: UUID, ambiant: float, v15c: float | None = None, **values: Any
) -> None:
    """What an owner (MONALUXE unless said) had in a tank before the first movement, as declared."""
    columns = {
        "citerne_id": tank,
        "produit_id": _of_tank(cursor, tank)["produit_id"],
        "proprietaire_type": "MONALUXE",
        "stock_ambiant": ambiant,
        "stock_15c": ambiant if v15c is None else v15c,
        **values,
    }
    cursor.execute(
        f"INSERT INTO gouvernance.opening_stocks ({', '.join(columns)})"
        f" VALUES ({', '.join(['%s'] * len(columns))})",
        list(columns.values()),
    )


def _measurable(litres: float | None) -> bool:
    return litres is not None and abs(litres) <= MEASURABLE


def _book(cursor: Cursor[Any], movement: dict[str, Any], sign: int) -> None:
    """Keep the snapshot in step with a validated movement; open it where there is none yet."""
    owner = movement.get("proprietaire_type", "MONALUXE")
    key = {"produit_id": movement["produit_id"], "proprietaire_type": owner}
    at_15c = movement.get("volume_15c")
    if at_15c is None:
        at_15c = movement.get("volume_corrige_15c")
    ambiant, v15c = (
        sign * volume if _measurable(volume) else 0
        for volume in (movement["volume_ambiant"], at_15c)
    )
    cursor.execute(
        "SELECT 1 FROM public.stocks_snapshot"
        " WHERE (citerne_id, produit_id, proprietaire_type) = (%s, %s, %s)",
        [movement["citerne_id"], *key.values()],
    )
    if not cursor.fetchone():
        # enough for what leaves: a tank that had nothing could not give it
        stock = [OPENING + max(-volume, 0) for volume in (ambiant, v15c)]
        snapshot(cursor, movement["citerne_id"], *stock, **key)
    cursor.execute(
        "UPDATE public.stocks_snapshot SET stock_ambiant = greatest(stock_ambiant + %s, 0),"
        " stock_15c = greatest(stock_15c + %s, 0), last_movement_at = now()"
        " WHERE (citerne_id, produit_id, proprietaire_type) = (%s, %s, %s)",
        [ambiant, v15c, movement["citerne_id"], *key.values()],
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


def _measured(volume: Any) -> Any:
    """The index that a meter shows after that volume; where no meter can, that of a usual one."""
    return volume if isinstance(volume, int | float) and 0 < volume <= MEASURABLE else 10_000


def reception(
    cursor: Cursor[Any], tank: UUID | None = None, *, booked: bool = True, **values: Any
) -> UUID:
    """A validated reception of 10 000 L ambient, 9 950 L at 15 °C."""
    place = _of_tank(cursor, tank or citerne(cursor))
    del place["depot_id"]
    movement = {
        **place,
        "statut": "validee",
        "index_avant": 0,
        "index_apres": _measured(values.get("volume_ambiant", 10_000)),
        "volume_ambiant": 10_000,
        "volume_15c": 9_950,
        **values,
    }
    new = insert(cursor, "receptions", **movement)
    if booked and movement["statut"] == "validee":
        _book(cursor, movement, 1)
    return new


def sortie(
    cursor: Cursor[Any], tank: UUID | None = None, *, booked: bool = True, **values: Any
) -> UUID:
    """A validated sortie of 10 000 L ambient, 9 950 L at 15 °C, to a client."""
    place = _of_tank(cursor, tank or citerne(cursor))
    del place["depot_id"]
    movement = {
        **place,
        "client_id": insert(cursor, "clients", nom="Client"),
        "statut": "validee",
        "index_avant": 0,
        "index_apres": _measured(values.get("volume_ambiant", 10_000)),
        "volume_ambiant": 10_000,
        "volume_corrige_15c": 9_950,
        "plaque_camion": "9876CD05",
        **values,
    }
    new = insert(cursor, "sorties_produit", **movement)
    if booked and movement["statut"] == "validee":
        _book(cursor, movement, -1)
    return new
