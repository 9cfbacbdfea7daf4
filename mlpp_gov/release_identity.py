"""What a release is called, `<tag>+<short sha>`; docs/APP_ENV_APP_RELEASE.md is its convention."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

# Two machines' clocks may differ by as much.
CLOCK_SKEW = timedelta(minutes=5)

TAG = re.compile(r"(?!.*\.\.)(?!.*(?:\.|\.lock)\Z)[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SHA = re.compile(r"[0-9a-f]{7,40}")
# Between separators, so that a version or a ticket's number is none. A time without its Z is found
# too: it would be somebody's local time, and is refused.
STAMP = re.compile(
    r"(?<![^._-])([0-9]{4}-[0-9]{2}-[0-9]{2}|20[0-9]{6})(T[0-9]+Z?)?(?![^._-])", re.IGNORECASE
)
TIME = re.compile(r"T[0-9]{4}(?:[0-9]{2})?Z")


class Release(NamedTuple):
    """`stamped_at` is the latest UTC time that the tag carries, None when it carries none."""

    tag: str
    sha: str
    stamped_at: datetime | None


def parse_release(text: str, *, now: datetime) -> Release:
    """Read `<tag>+<short sha>`; `now` is aware.

    Raises ValueError with a French sentence saying what is wrong.
    """
    tag, plus, sha = text.partition("+")
    if not plus:
        raise ValueError(
            "La forme est <tag>+<sha court>, avec un « + » entre les deux, par exemple v1.4.0+0c5c2b7."
        )
    stamped_at = check_tag(tag, now=now)
    check_sha(sha)
    return Release(tag, sha, stamped_at)


def check_tag(tag: str, *, now: datetime) -> datetime | None:
    """Return the latest UTC time that a git tag carries, None without; a bare date is its 00:00 UTC.

    Raises ValueError with a French sentence: not a tag of git's (git-check-ref-format), a time that
    does not exist, or one more than CLOCK_SKEW ahead of `now`, which is aware.
    """
    if not TAG.fullmatch(tag):
        raise ValueError(
            f"{_quoted(tag)} n’est pas un tag : il faut des lettres sans accent, des chiffres, « . », "
            "« _ » ou « - », 100 au plus, une lettre ou un chiffre d’abord, ni « .. » ni « . » ou "
            "« .lock » à la fin."
        )
    stamps = [_moment(found) for found in STAMP.finditer(tag)]
    for stamp in stamps:
        if stamp > now + CLOCK_SKEW:
            raise ValueError(
                f"Le tag {_quoted(tag)} porte une heure à venir : {_utc(stamp)}, alors qu’il est {_utc(now)}."
            )
    return max(stamps, default=None)


def check_sha(sha: str) -> None:
    """Raises ValueError with a French sentence when it is no commit as `git rev-parse --short` names it."""
    if not SHA.fullmatch(sha):
        raise ValueError(
            f"{_quoted(sha)} n’est pas un sha court de git : il faut de 7 à 40 chiffres hexadécimaux "
            "(0 à 9, a à f), en minuscules."
        )


def _moment(found: re.Match[str]) -> datetime:
    date, time = found[1].replace("-", ""), (found[2] or "T0000Z").upper()
    try:
        if TIME.fullmatch(time):
            return datetime.fromisoformat(date + time)
    except ValueError:
        pass
    raise ValueError(
        f"{_quoted(found[0])} n’est pas une date ou une heure UTC qui existe. "
        "Exemples : 2026-01-23, 20260123T1342Z."
    )


def _quoted(text: str) -> str:
    """« text », on one line and of a length that a sentence bears."""
    shown = ascii(text[:100])[1:-1] if not text.isprintable() else text[:100]
    return f"« {shown}{'…' * (len(text) > 100)} »"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
