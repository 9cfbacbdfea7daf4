"""A simulation report out of the screen: as a spreadsheet, as text for a terminal, as JSON."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

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

TITLE = "Simulation ASTM 53B des réceptions de gasoil"
COLUMNS = (
    "Date",
    "Citerne",
    "Dépôt",
    "Produit",
    "Propriétaire",
    "Camion",
    "Ambiant (L)",
    "Température (°C)",
    "Densité stockée, observée (kg/m³)",
    "Densité à 15 °C calculée (kg/m³)",
    "VCF calculé",
    "Stocké à 15 °C (L)",
    "Calculé à 15 °C (L)",
    "Écart (L)",
    "Écart (%)",
    "Tolérance ± 0,1 %",
    "À 1 L près",
    "Signalements",
    "Réception",
)
TOTAL_COLUMNS = (
    "Citerne",
    "Propriétaire",
    "Réceptions",
    "Non calculables",
    "Hors tolérance",
    "À plus de 1 L",
    "Stocké à 15 °C (L)",
    "Calculé à 15 °C (L)",
    "Écart (L)",
    "Écart (%)",
    "Stock à 15 °C (L)",
    "Stock, écart compris (L)",
)


def remarks(line: Line) -> list[str]:
    """Why a line has no difference, what is odd about it, and what its stored volume implies."""
    return [text for text in (line.why_unknown, *line.flags, line.explanation) if text]


def spreadsheet_rows(report: Report, identity: Facts) -> Iterator[list[Value]]:
    """The report's identity and method, its totals, then one row per reception."""
    yield [TITLE]
    for label, value in (*identity, *method_facts(report.parameters)):
        yield [label, value]
    yield []
    yield list(TOTAL_COLUMNS)
    for total in (*report.totals, report.total):
        yield _total_cells(total)
    yield []
    yield list(COLUMNS)
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
        line.day or "inconnue",
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
        ("oui" if line.is_within_a_litre else "non") if known else "non calculable",
        " ; ".join(remarks(line)),
        str(line.reception_id),
    ]


def _percent(value: Decimal | None) -> Decimal | None:
    """Beyond a thousandth of a per cent there is nothing to read; an absurd one stays as it is."""
    return round(value, 6) if value is not None and abs(value) < 10**9 else value


def text_lines(report: Report, identity: Facts) -> Iterator[str]:
    """For a terminal: identity, method, totals, then a line per reception and what there is to say of it."""
    yield TITLE
    for facts in (identity, method_facts(report.parameters), result_facts(report.total)):
        yield ""
        width = max(len(label) for label, _ in facts)
        yield from (f"{label:{width}}  {value}" for label, value in facts)
    yield ""
    for total in report.totals:
        yield (
            f"{total.label}, {total.owner}. Réceptions : {number(total.count)},"
            f" non calculables : {number(total.unknown)},"
            f" écart : {difference_in_words(total.difference, total.percent)}"
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
