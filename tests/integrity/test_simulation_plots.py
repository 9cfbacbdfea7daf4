"""The dots of a simulation report: on their scales, thinned when many, in words too."""

from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from django.template.loader import render_to_string

from integrity.simulation.plots import (
    KEPT_LARGEST,
    MOST_DOTS,
    difference_plot,
    thinned,
    volume_plot,
)
from integrity.simulation.report import Line

NOBODY = UUID(int=0)


def line_of(stored, computed, day="01/02/2026"):
    stored, computed = (None if v is None else Decimal(v) for v in (stored, computed))
    known = stored is not None and computed is not None
    difference = computed - stored if known else None
    return Line(
        reception_id=NOBODY,
        day=day,
        tank_id=NOBODY,
        tank="TANK1",
        depot="Dépôt Daipn",
        product_id=NOBODY,
        product="Gasoil",
        owner="MONALUXE",
        plate=None,
        ambient=Decimal(30_000),
        observed=Decimal(837),
        temperature=Decimal(20),
        stored=stored,
        density_15=Decimal("840.4"),
        vcf=Decimal("0.9958"),
        computed=computed,
        difference=difference,
        is_within_tolerance=known and abs(difference) <= abs(stored) / 1000,
        as_true=None,
        stock=None,
    )


def test_equal_volumes_lie_on_the_diagonal():
    plot = volume_plot([line_of(100, 100), line_of(150, 150), line_of(200, 200)])
    assert [(dot.x, dot.y, dot.kind) for dot in plot.dots] == [
        ("2.00%", "228.0", ""),
        ("50.00%", "120.0", ""),
        ("98.00%", "12.0", ""),
    ]
    (diagonal,) = plot.guides
    assert (diagonal.x1, diagonal.y1, diagonal.x2, diagonal.y2) == ("2%", "228", "98%", "12")


def test_both_axes_share_one_scale_and_what_is_out_of_tolerance_stands_out():
    plot = volume_plot([line_of(100, 100), line_of(200, 150)])
    assert (plot.dots[1].x, plot.dots[1].y, plot.dots[1].kind) == ("98.00%", "120.0", "odd")
    assert (plot.high, plot.low) == ("200\u00a0L", "100\u00a0L")


def test_differences_stand_either_side_of_zero_with_the_tolerance():
    plot = difference_plot([line_of(1000, 1002), line_of(1000, 1000), line_of(1000, 998)])
    assert [(dot.x, dot.y) for dot in plot.dots] == [
        ("2.00%", "12.0"),
        ("50.00%", "120.0"),
        ("98.00%", "228.0"),
    ]
    assert [(guide.kind, guide.y1) for guide in plot.guides] == [
        ("limit", "66.0"),
        ("zero", "120.0"),
        ("limit", "174.0"),
    ]


def test_beyond_one_per_cent_a_dot_stays_at_the_edge_and_is_hollow():
    plot = difference_plot([line_of(1000, 1500), line_of(1000, 1000.5)])
    assert (plot.dots[0].y, plot.dots[0].kind) == ("12.0", "odd beyond")
    assert (plot.high, plot.dots[1].kind) == ("+1,0\u00a0%", "")


def test_one_reception_and_absurd_ones_are_drawn_too():
    assert volume_plot([line_of(100, 100)]).dots[0].x == "50.00%"
    assert difference_plot([line_of(100, 100)]).dots[0].y == "120.0"
    plot = volume_plot([line_of("1e308", 100), line_of("-1e308", 100), line_of("1e-300", 1)])
    assert [dot.x for dot in plot.dots] == ["98.00%", "2.00%", "50.00%"]


def test_what_has_no_difference_is_not_drawn():
    drawable = line_of(100, 100)
    assert thinned([line_of(None, 100), line_of(100, None), line_of(0, 100), drawable]) == [
        drawable
    ]


def test_many_receptions_are_thinned_and_keep_their_order_and_their_largest_differences():
    lines = [line_of(100_000, 100_000 + n % 7, day=f"{n}") for n in range(2_000)]
    far = [line_of(100_000, 150_000 + n, day=f"loin {n}") for n in range(KEPT_LARGEST)]
    kept = thinned(lines[:1_000] + far + lines[1_000:])
    assert len(kept) == MOST_DOTS
    assert [line for line in kept if line in far] == far
    days = [int(line.day) for line in kept if line not in far]
    assert days == sorted(days)
    assert max(later - sooner for sooner, later in pairwise(days)) <= 6


@pytest.mark.parametrize("plot_of", [volume_plot, difference_plot])
def test_a_drawing_says_itself_in_words_and_has_no_inline_style(plot_of):
    plot = plot_of([line_of(1000, 1000), line_of(1000, 1100, day="<b>")])
    svg = render_to_string("components/dots.svg.html", {"plot": plot})
    assert 'role="img"' in svg
    assert "2 réceptions, dont 1 hors tolérance." in svg
    assert "+100,0\u00a0L (+10,000\u00a0%)" in svg
    assert "style=" not in svg
    assert "<b>" not in svg
