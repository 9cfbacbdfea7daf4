"""Rows for a French Excel: semicolons, decimal commas, and no cell that it would take for a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from io import StringIO

from django.utils import timezone
from django.utils.translation import gettext as _

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as the machine's own code page
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Value = str | Decimal | datetime | None


def cell(value: Value) -> str:
    """One cell: a number stays a number, a text that would be a formula gets an apostrophe."""
    match value:
        case None:
            return _("inconnu")
        case Decimal():
            return format(value, "f").replace(".", ",")
        case datetime():
            return f"{timezone.localtime(value):%d/%m/%Y %H:%M}"
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def csv_lines(rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """The rows as lines of text one by one, for a long download; byte order mark included."""
    yield BYTE_ORDER_MARK
    for row in rows:
        text = StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow([cell(value) for value in row])
        yield text.getvalue()


def as_csv(rows: Iterable[Sequence[Value]]) -> str:
    """The rows as one text, byte order mark included."""
    return "".join(csv_lines(rows))
