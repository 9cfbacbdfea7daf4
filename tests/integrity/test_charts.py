"""Bars on one scale with their limits, in words too."""

from decimal import Decimal

from django.template.loader import render_to_string

from integrity.charts import bar_chart


def chart_of(values, marks=()):
    named = [(f"v{number}", None if v is None else Decimal(v)) for number, v in enumerate(values)]
    limits = [(f"m{number}", None if m is None else Decimal(m)) for number, m in enumerate(marks)]
    return bar_chart("Stock", named, limits, said=lambda v: "inconnu" if v is None else f"{v} L")


def test_values_and_marks_share_one_scale():
    chart = chart_of([50, 100], [50])
    assert [(bar.x, bar.width) for bar in chart.bars] == [("0.00%", "49.50%"), ("0.00%", "99.00%")]
    assert chart.marks[0].x == "49.50%"
    assert [bar.kind for bar in chart.bars] == ["", "excess"]


def test_a_negative_value_goes_left_of_zero():
    (bar, _) = (chart := chart_of([-50, 50])).bars
    assert (bar.kind, bar.x, bar.width, chart.zero) == ("negative", "0.00%", "49.50%", "49.50%")


def test_an_unknown_value_keeps_its_place_and_an_unknown_mark_is_left_out():
    chart = chart_of([None, 10], [None])
    assert (chart.bars[0].kind, chart.bars[0].width, chart.bars[0].text) == (
        "unknown",
        "0.00%",
        "inconnu",
    )
    assert chart.marks == []


def test_nothing_but_zeros_is_a_chart_too():
    assert chart_of([0]).bars[0].width == "0.00%"
    assert chart_of([]).height == 0


def test_figures_of_any_size_are_drawn():
    chart = chart_of(["1e300", "-1e300", "1e-300"])
    assert [bar.width for bar in chart.bars] == ["49.50%", "49.50%", "0.00%"]


def test_the_drawing_says_itself_in_words_and_has_no_inline_style():
    svg = render_to_string("components/bars.svg.html", {"chart": chart_of([-4, 9], [5])})
    assert 'role="img"' in svg
    assert "Stock. v0\u00a0: -4 L. v1\u00a0: 9 L. m0\u00a0: 5 L" in svg
    assert "style=" not in svg
