"""Ages, moments and figures as an operator reads them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import engines
from django.utils import timezone, translation

from mlpp_gov.roles import MissingPermission, Permission, Role
from mlpp_gov.templatetags.governance import (
    day,
    day_of_year,
    duration,
    fixed,
    fixed_signed,
    litres,
    litres_signed,
    measure,
    moment,
    number,
    percent,
    since,
    state,
)


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-5), "à l’instant"),
        (timedelta(seconds=59), "à l’instant"),
        (timedelta(minutes=47), "il y a 47\u00a0min"),
        (timedelta(hours=1), "il y a 1\u00a0h"),
        (timedelta(days=1), "il y a 1\u00a0jour"),
        (timedelta(days=90), "il y a 90\u00a0jours"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(age, text):
    assert since(timezone.now() - age) == text


def test_a_moment_is_local_and_names_its_zone():
    at = datetime(2026, 2, 19, 5, 12, tzinfo=UTC)
    assert moment(at) == "19 fév. 2026 à 07:12 (Africa/Lubumbashi)"


def test_a_day_is_local_to_its_moment_and_a_date_is_itself():
    late = datetime(2026, 2, 19, 23, 12, tzinfo=UTC)
    assert (day(late), day_of_year(late)) == ("20 fév. 2026", "20 fév.")
    assert (day(date(2026, 9, 1)), day_of_year(date(2026, 9, 1))) == ("1 sept. 2026", "1 sept.")
    assert (day(None), day_of_year(None)) == ("", "")


def test_an_unknown_moment_or_figure_is_shown_as_unknown():
    assert (since(None), moment(None), number(None)) == ("date inconnue", "—", "—")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "—"),
        (0, "moins d’une\u00a0minute"),
        (29, "moins d’une\u00a0minute"),
        (60, "1\u00a0min"),
        (3599, "1\u00a0h"),
        (5400, "1\u00a0h\u00a030"),
        (3660, "1\u00a0h\u00a001"),
        (47 * 3600, "47\u00a0h"),
        (48 * 3600, "2\u00a0jours"),
        (71 * 3600 + 3540, "3\u00a0jours"),
        (1.5e9, "17\u00a0361,1\u00a0jours"),
    ],
)
def test_a_length_of_time_is_said_in_its_unit(seconds, text):
    assert duration(seconds).replace("\u202f", "\u00a0") == text


@pytest.mark.parametrize(
    ("share", "text"), [(None, "—"), (0, "0\u00a0%"), (2 / 3, "67\u00a0%"), (1, "100\u00a0%")]
)
def test_a_share_is_said_in_whole_per_cent(share, text):
    assert percent(share) == text


def test_figures_have_french_separators():
    assert number(1234567).split() == ["1", "234", "567"]


@pytest.mark.parametrize(
    ("value", "text", "signed"),
    [
        (None, "inconnu", "inconnu"),
        (Decimal(0), "0\u00a0L", "0\u00a0L"),
        (Decimal("9999.6"), "10\u00a0000\u00a0L", "+10\u00a0000\u00a0L"),
        (Decimal("-4000"), "−4\u00a0000\u00a0L", "−4\u00a0000\u00a0L"),
    ],
)
def test_a_volume_is_said_to_the_litre_a_change_of_it_with_its_sign(value, text, signed):
    assert (litres(value), litres_signed(value)) == (text, signed)


def test_a_measure_keeps_its_decimals_and_its_unit():
    assert measure(Decimal("23.50"), "°C") == "23,5\u00a0°C"
    assert measure(None, "°C") == "inconnu"


def test_a_volume_of_any_size_is_said():
    assert litres(Decimal("1e300")).endswith("\u00a0L")


def test_a_statut_is_said_in_words_and_an_unknown_one_as_it_is():
    assert (state("validee"), state("NOUVEAU"), state(None)) == ("Validée", "NOUVEAU", "—")


@pytest.mark.parametrize(
    ("value", "decimals", "text", "signed"),
    [
        ("38812.65", 1, "38\u00a0812,6", "+38\u00a0812,6"),
        ("-235.26", 1, "−235,3", "−235,3"),
        ("0.04", 1, "0,0", "0,0"),
        ("-0.04", 1, "0,0", "0,0"),
        ("0.9958", 4, "0,9958", "+0,9958"),
        ("1e20", 1, "100" + "\u00a0000" * 6, "+100" + "\u00a0000" * 6),
    ],
)
def test_a_figure_of_a_column_has_its_decimals_and_a_change_its_sign(value, decimals, text, signed):
    assert fixed(Decimal(value), decimals) == text
    assert fixed_signed(Decimal(value), decimals) == signed


def test_an_unknown_figure_of_a_column_says_so():
    assert (fixed(None, 1), fixed_signed(None, 1)) == ("inconnu", "inconnu")


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(minutes=47), "47\u00a0min ago"),
        (timedelta(hours=1), "1\u00a0h ago"),
        (timedelta(days=1), "1\u00a0day ago"),
        (timedelta(days=90), "90\u00a0days ago"),
    ],
)
def test_an_age_is_said_in_english_to_who_reads_english(age, text):
    with translation.override("en"):
        assert since(timezone.now() - age) == text


def test_days_moments_and_lengths_of_time_have_english_words_and_the_same_order():
    at = datetime(2026, 2, 19, 5, 12, tzinfo=UTC)
    with translation.override("en"):
        assert moment(at) == "19 Feb 2026 at 07:12 (Africa/Lubumbashi)"
        assert (day(at), day_of_year(date(2026, 9, 1))) == ("19 Feb 2026", "1 Sep")
        assert (duration(0), duration(5400)) == ("less than a\u00a0minute", "1\u00a0h\u00a030")
        assert duration(71 * 3600 + 3540) == "3\u00a0days"


def test_what_is_unknown_and_a_statut_are_said_in_english():
    with translation.override("en"):
        assert (since(None), moment(None), litres(None)) == ("unknown date", "—", "unknown")
        assert (measure(None, "°C"), fixed(None, 1)) == ("unknown", "unknown")
        assert (state("FRONTIERE"), state("NOUVEAU")) == ("At the border", "NOUVEAU")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_figures_are_the_same_in_every_language(language):
    page = engines["django"].from_string("{{ x }} {{ x|floatformat:1 }} {{ x|floatformat:'1g' }}")
    with translation.override(language):
        assert number(1234567) == "1\u00a0234\u00a0567"
        assert litres_signed(Decimal("9999.6")) == "+10\u00a0000\u00a0L"
        assert measure(Decimal("23.50"), "°C") == "23,5\u00a0°C"
        assert fixed(Decimal("38812.65"), 1) == "38\u00a0812,6"
        assert duration(1.5e9).split("\u00a0")[:2] == ["17", "361,1"]
        assert percent(2 / 3) == "67\u00a0%"
        assert page.render({"x": 1234.56}) == "1234,56 1234,6 1\u00a0234,6"


def test_a_role_and_its_refusal_are_said_in_the_language_of_the_reader():
    with translation.override("en"):
        assert [str(role.label) for role in Role] == [
            "Administrator",
            "Directeur",
            "PCA",
            "Gérant",
            "Operator",
            "Read-only",
        ]
        assert str(MissingPermission(role="lecture", permission=Permission.DECIDE_FREEZE)) == (
            "Your role (Read-only) does not give the right to decide on a release freeze "
            "and lift it. This right belongs to: Administrator, PCA."
        )
