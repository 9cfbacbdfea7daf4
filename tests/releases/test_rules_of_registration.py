"""A tag names one commit for ever, and is not of the future; PostgreSQL decides, Python says it earlier."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from mlpp_gov.calls import InvalidInput
from mlpp_gov.release_identity import check_tag
from mlpp_gov.roles import SpokenRefusal
from releases import acts, readings
from releases.acts import Refused
from tests.releases.conftest import Team, codes, events


def test_the_tags_of_the_plan_register_and_are_found_again(team: Team) -> None:
    made = acts.register(
        tag="prod-ready-2026-01-23-nightly-green",
        commit="0c5c2b7",
        category="MAINTENANCE",
        actor=team.admin,
    )
    again = acts.register(
        tag="prod-ready-2026-01-23-nightly-green",
        commit="0c5c2b7aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        category="AUDIT",
        actor=team.directeur,
    )
    assert again == made, "the same commit, in full"
    assert readings.release(made).category == "MAINTENANCE"


def test_a_tag_on_another_commit_is_refused_and_recorded(team: Team) -> None:
    made = team.register()
    with pytest.raises(Refused, match="désigne déjà le commit 0c5c2b7") as refusal:
        acts.register(tag="v1.0.0", commit="1d6d3c8", category="AUDIT", actor=team.admin)
    assert codes(refusal) == {"tag_reused"}
    assert events(release=made) == [("registered", False), ("registered", True)]


@pytest.mark.parametrize(
    ("tag", "commit", "category", "said"),
    [
        ("v1..2", "0c5c2b7", "AUDIT", "Le tag a de 1 à 100"),
        ("v1.lock", "0c5c2b7", "AUDIT", "Le tag a de 1 à 100"),
        ("-v1", "0c5c2b7", "AUDIT", "Le tag a de 1 à 100"),
        ("", "0c5c2b7", "AUDIT", "Le tag a de 1 à 100"),
        ("x" * 101, "0c5c2b7", "AUDIT", "Le tag a de 1 à 100"),
        ("v1 ; rm", "0c5c2b7", "AUDIT", "Le tag a de 1 à 100"),
        ("v1", "0c5c2b", "AUDIT", "Le commit a de 7 à 40"),
        ("v1", "0c5c2bg", "AUDIT", "Le commit a de 7 à 40"),
        ("v1", "0C5C2B7", "AUDIT", "Le commit a de 7 à 40"),
        ("v1", "0" * 41, "AUDIT", "Le commit a de 7 à 40"),
        ("v1", "0c5c2b7", "FINANCE", "La catégorie est"),
        ("v1-2026-02-31", "0c5c2b7", "AUDIT", "qui n’existe pas"),
        ("v1-20260123T2460Z", "0c5c2b7", "AUDIT", "qui n’existe pas"),
        ("v1-3026-01-01", "0c5c2b7", "AUDIT", "dans le futur"),
    ],
)
def test_what_is_no_release_is_refused_with_a_reason(
    team: Team, tag: str, commit: str, category: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        acts.register(tag=tag, commit=commit, category=category, actor=team.admin)


def test_two_clocks_may_differ_by_five_minutes(team: Team) -> None:
    ahead = f"{timezone.now() + timedelta(minutes=4):v-%Y%m%dT%H%MZ}"
    assert acts.register(tag=ahead, commit="0c5c2b7", category="AUDIT", actor=team.admin)
    too_far = f"{timezone.now() + timedelta(minutes=7):v-%Y%m%dT%H%MZ}"
    with pytest.raises(InvalidInput, match="dans le futur"):
        acts.register(tag=too_far, commit="0c5c2b7", category="AUDIT", actor=team.admin)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "tag",
    [
        "v1.4.0",
        "prod-ready-2026-01-23-nightly-green",
        "web-20260123T1342Z",
        "web-20260123T134259Z_b",
        "2026-01-23T1342Z",
        "2020-01-01.2026-01-23",
        "v2026-01-23",
        "web-20260123",
        "ticket-12345678",
        "web-20260123T1342",
        "web-2026-02-29",
        "web-20260123T2400Z",
        "web-20260123t1342z",
    ],
)
def test_postgresql_reads_the_same_time_in_a_tag_as_python(tag: str) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    try:
        expected = check_tag(tag, now=now)
    except ValueError:
        expected = ValueError
    with connection.cursor() as cursor:
        cursor.execute("RESET SESSION AUTHORIZATION")
        try:
            cursor.execute("SELECT gouvernance.tag_stamp(%s)", [tag])
            found = cursor.fetchone()[0]
        except DatabaseError as error:
            found = ValueError if error.__cause__.sqlstate == "GV003" else error
    assert found == expected


def test_the_pca_does_not_register(team: Team) -> None:
    with pytest.raises(SpokenRefusal, match="admin, directeur"):
        acts.register(tag="v1", commit="0c5c2b7", category="AUDIT", actor=team.pca)
