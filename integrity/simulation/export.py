"""A simulation report out of the screen: as a spreadsheet, as text for a terminal, as JSON."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrity.simulation.report import Line, Report, Total
from integrity.simulation.wording import (
    Facts,
    difference_in_words,
    method_facts,
    result_facts,
)
from integrity.spreadsheet import Value
from mlpp_gov import producer
from mlpp_gov.templatetags.governance import fixed, fixed_signed, number

TITLE = gettext_lazy("Simulation ASTM 53B des réceptions de gasoil")
COLUMNS = (
    gettext_lazy("Date"),
    gettext_lazy("Citerne"),
    gettext_lazy("Dépôt"),
    gettext_lazy("Produit"),
    gettext_lazy("Propriétaire"),
    gettext_lazy("Camion"),
    gettext_lazy("Ambiant (L)"),
    gettext_lazy("Température (°C)"),
    gettext_lazy("Densité stockée, observée (kg/m³)"),
    gettext_lazy("Densité à 15 °C calculée (kg/m³)"),
    gettext_lazy("VCF calculé"),
    gettext_lazy("Stocké à 15 °C (L)"),
    gettext_lazy("Calculé à 15 °C (L)"),
    gettext_lazy("Écart (L)"),
    gettext_lazy("Écart (%)"),
    gettext_lazy("Tolérance ± 0,1 %"),
    gettext_lazy("À 1 L près"),
    gettext_lazy("Signalements"),
    gettext_lazy("Réception"),
)
TOTAL_COLUMNS = (
    gettext_lazy("Citerne"),
    gettext_lazy("Propriétaire"),
    gettext_lazy("Réceptions"),
    gettext_lazy("Non calculables"),
    gettext_lazy("Hors tolérance"),
    gettext_lazy("À plus de 1 L"),
    gettext_lazy("Stocké à 15 °C (L)"),
    gettext_lazy("Calculé à 15 °C (L)"),
    gettext_lazy("Écart (L)"),
    gettext_lazy("Écart (%)"),
    gettext_lazy("Stock à 15 °C (L)"),
    gettext_lazy("Stock, écart compris (L)"),
)


def remarks(line: Line) -> list[str]:
    """Why a line has no difference, what is odd about it, and what its stored volume implies."""
    flags = [str(flag.label) for flag in line.flags]
    return [text for text in (line.why_unknown, *flags, line.explanation) if text]


def spreadsheet_rows(report: Report, identity: Facts) -> Iterator[list[Value]]:
    """The report's identity and method, its totals, then one row per reception."""
    yield [str(TITLE)]
    for label, value in (*identity, *method_facts(report.parameters)):
        yield [label, value]
    yield []
    yield [str(column) for column in TOTAL_COLUMNS]
    for total in (*report.totals, report.total):
        yield _total_cells(total)
    yield []
    yield [str(column) for column in COLUMNS]
    for line in report.lines:
        yield _line_cells(line)


def _total_cells(total: Total) -> list[Value]:
    counts = (total.count, total.unknown, total.out_of_tolerance, total.beyond_a_litre)
    return [
        total.label,
        total.owner,
        *(Decimal(count) for count in counts),
        total.stored,
        total.computed,
        total.difference,
        _percent(total.percent),
        total.stock,
        total.stock_after,
    ]


def _line_cells(line: Line) -> list[Value]:
    known = line.difference is not None
    return [
        line.day or _("inconnue"),
        line.tank,
        line.depot,
        line.product,
        line.owner,
        line.plate or "",
        line.ambient,
        line.temperature,
        line.observed,
        line.density_15,
        line.vcf,
        line.stored,
        line.computed,
        line.difference,
        _percent(line.percent),
        line.verdict,
        (_("oui") if line.is_within_a_litre else _("non")) if known else _("non calculable"),
        " ; ".join(remarks(line)),
        str(line.reception_id),
    ]


def _percent(value: Decimal | None) -> Decimal | None:
    """Beyond a thousandth of a per cent there is nothing to read; an absurd one stays as it is."""
    return round(value, 6) if value is not None and abs(value) < 10**9 else value


def text_lines(report: Report, identity: Facts) -> Iterator[str]:
    """For a terminal: identity, method, totals, then a line per reception and what there is to say of it."""
    yield str(TITLE)
    for facts in (identity, method_facts(report.parameters), result_facts(report.total)):
        yield ""
        width = max(len(label) for label, _ in facts)
        yield from (f"{label:{width}}  {value}" for label, value in facts)
    yield ""
    for total in report.totals:
        yield _(
            "{tank}, {owner}. Réceptions : {count}, non calculables : {unknown}, écart : {difference}"
        ).format(
            tank=total.label,
            owner=total.owner,
            count=number(total.count),
            unknown=number(total.unknown),
            difference=difference_in_words(total.difference, total.percent),
        )
    yield ""
    for line in report.lines:
        yield (
            f"{line.day}  {line.tank}  {line.owner}  {fixed(line.stored, 1):>12} → "
            f"{fixed(line.computed, 1):>12} L  {fixed_signed(line.difference, 1):>10} L  {line.verdict}"
        )
        yield from (f"    {remark}" for remark in remarks(line))


def as_json(report: Report, identity: Facts) -> str:
    """The report for a program; figures are texts, exact to their last digit."""
    return json.dumps(
        {
            **producer.keys(),
            "checksum": report.checksum,
            "parameters": report.parameters.as_sql(),
            "identity": dict(identity),
            "method": dict(method_facts(report.parameters)),
            "total": _total_json(report.total),
            "totals": [_total_json(total) for total in report.totals],
            "receptions": [_line_json(line) for line in report.lines],
        },
        ensure_ascii=False,
        indent=2,
        default=str,
    )


def _total_json(total: Total) -> dict[str, Any]:
    return {
        "tank": total.label,
        "owner": total.owner,
        "receptions": total.count,
        "unknown": total.unknown,
        "out_of_tolerance": total.out_of_tolerance,
        "beyond_a_litre": total.beyond_a_litre,
        "stored": total.stored,
        "computed": total.computed,
        "difference": total.difference,
        "stock": total.stock,
        "stock_after": total.stock_after,
    }


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "reception": line.reception_id,
        "day": line.day,
        "tank": line.tank,
        "depot": line.depot,
        "owner": line.owner,
        "ambient": line.ambient,
        "observed_density": line.observed,
        "temperature": line.temperature,
        "stored": line.stored,
        "density_15": line.density_15,
        "vcf": line.vcf,
        "computed": line.computed,
        "difference": line.difference,
        "within_tolerance": line.is_within_tolerance if line.difference is not None else None,
        "remarks": remarks(line),
    }
