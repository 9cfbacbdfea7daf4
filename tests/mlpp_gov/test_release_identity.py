"""What a release may be called; every refusal says in French what is wrong."""

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpp_gov.environment import app_release
from mlpp_gov.release_identity import check_sha, check_tag, parse_release

NOW = datetime(2026, 1, 24, 12, tzinfo=UTC)
LUBUMBASHI = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("tag", "stamped_at"),
    [
        ("v1.4.0", None),
        ("prod-ready-2026-01-23-nightly-green", datetime(2026, 1, 23, tzinfo=UTC)),
        ("2026-01-24", datetime(2026, 1, 24, tzinfo=UTC)),
        ("nightly_20260123", datetime(2026, 1, 23, tzinfo=UTC)),
        ("20260123T1342Z", datetime(2026, 1, 23, 13, 42, tzinfo=UTC)),
        ("rc.2026-01-23T134205Z.3", datetime(2026, 1, 23, 13, 42, 5, tzinfo=UTC)),
        ("2026-01-22-to-2026-01-23", datetime(2026, 1, 23, tzinfo=UTC)),
        ("build-99991231", None),  # a number
        ("v2999-01-01", None),  # no separator before it
        ("a" * 100, None),
    ],
)
def test_a_release_is_read_with_the_time_of_its_tag(tag: str, stamped_at: datetime | None) -> None:
    assert parse_release(f"{tag}+0c5c2b7", now=NOW) == (tag, "0c5c2b7", stamped_at)
    assert parse_release(f"{tag}+{'0c5c2b7a' * 5}", now=NOW).sha == "0c5c2b7a" * 5


@pytest.mark.parametrize("text", ["", "v1.4.0", "v1.4.0 0c5c2b7", "v1.4.0-0c5c2b7"])
def test_without_a_plus_the_form_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"La forme est <tag>\+<sha court>"):
        parse_release(text, now=NOW)


@pytest.mark.parametrize(
    "tag",
    [
        *(
            "",
            "-v1",
            ".v1",
            "v1.",
            "v1.lock",
            "v1..2",
            "v1/2",
            "v1 2",
            "v1\n",
            "v1\x00",
            "vé",
            "v١",
        ),
        *("v1~", "v1^", "v1:", "v1@{", "20260123T13:42Z", "a" * 101, "<b>"),
    ],
)
def test_what_git_would_not_take_for_a_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match=r"\A« .*n’est pas un tag.*à la fin\.\Z"):
        check_tag(tag, now=NOW)


@pytest.mark.parametrize(
    "sha",
    ["", "0c5c2b", "0" * 41, "0C5C2B7", "0c5c2bg", "0c5c2b7 ", "0c5c2b7\n", "b+0c5c2b7", "٠" * 7],
)
def test_a_sha_that_is_not_hexadecimal_is_refused(sha: str) -> None:
    with pytest.raises(ValueError, match=r"\A« .*n’est pas un sha court.*en minuscules\.\Z"):
        check_sha(sha)


@pytest.mark.parametrize(
    "stamp",
    [
        *(
            "2026-02-31",
            "2026-13-01",
            "20261301",
            "0000-01-01",
            "2026-01-23T2560Z",
            "20260123T134260Z",
        ),
        *("2026-01-23T1342", "2026-01-23T134Z", "2026-01-23T13420Z"),  # no UTC, no time
    ],
)
def test_a_time_that_does_not_exist_is_refused(stamp: str) -> None:
    with pytest.raises(ValueError, match=f"« {stamp} » n’est pas une date ou une heure UTC"):
        check_tag(f"rc-{stamp}-green", now=NOW)


@pytest.mark.parametrize("now", [NOW, NOW.astimezone(LUBUMBASHI)])
def test_a_tag_from_the_future_is_refused_but_for_what_clocks_differ_by(now: datetime) -> None:
    assert check_tag("rc-20260124T1205Z", now=now)
    for stamp in (
        "20260124T120501Z",
        "20260124t1206z",
        "2026-01-24T1206Z",
        "2026-01-25",
        "20991231",
    ):
        with pytest.raises(ValueError, match=r"heure à venir.*alors qu’il est 2026-01-24T12:00Z"):
            check_tag(f"2026-01-01-rc-{stamp}", now=now)


def test_the_day_of_a_tag_is_utc_s_and_not_the_depot_s() -> None:
    now = datetime(2026, 1, 25, 1, tzinfo=LUBUMBASHI)  # still the 24th
    with pytest.raises(ValueError, match="porte une heure à venir : 2026-01-25T00:00Z"):
        check_tag("rc-2026-01-25", now=now)


@given(st.one_of(st.text(), st.from_regex(r"[\w.-]{0,12}\d{4}-\d\d-\d\d(T\d{0,7}Z?)?\+\w{0,8}")))
def test_nothing_but_a_sentence_on_one_line_comes_of_an_odd_release(text: str) -> None:
    said = "Release."
    try:
        parse_release(text, now=NOW)
    except ValueError as refusal:
        said = str(refusal)
    assert re.fullmatch(r"[^\r\n]{7,400}\.", said)


def test_development_without_git_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert app_release("", env="development", checkout=tmp_path) == "dev+sans-git"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert app_release("", env="development", checkout=tmp_path) == "dev+sans-git"
