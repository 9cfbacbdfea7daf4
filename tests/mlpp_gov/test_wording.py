"""Ages, moments and figures as an operator reads them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from mlpp_gov.templatetags.governance import moment, number, since


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


def test_an_unknown_moment_or_figure_is_shown_as_unknown():
    assert (since(None), moment(None), number(None)) == ("date inconnue", "—", "—")


def test_figures_have_french_separators():
    assert number(1234567).split() == ["1", "234", "567"]
