"""A moment that no calendar has is refused: a page that shows it could not even be read."""

import pytest

from mlpp_gov.calls import InvalidInput, call
from tests.releases.conftest import Team

BEYOND = [("-infinity", "infinity"), ("0044-03-15 BC", "2026-01-23"), ("2026-01-23", "20000-01-01")]


@pytest.mark.parametrize(("begin", "end"), BEYOND)
def test_a_window_is_in_the_calendar(team: Team, begin: str, end: str) -> None:
    release = team.register(0)
    with pytest.raises(InvalidInput, match="fenêtre"):
        call(
            "SELECT gouvernance.open_deployment(%s, 'staging', '', '', %s, %s)",
            [release, begin, end],
            actor=team.admin,
        )


def test_a_night_is_in_the_calendar(team: Team) -> None:
    with pytest.raises(InvalidInput, match="Donnez la branche"):
        call(
            "SELECT gouvernance.report_nightly('main', '0c5c2b7', '-infinity', true, 'Vu.')",
            [],
            actor=team.admin,
        )
