"""A post-mortem and its versions."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from mlpp_gov.models import actor_name, names_by_supabase_id
from releases.deployments.forms import SECTIONS
from releases.readings import fetch


@dataclass(frozen=True)
class Version:
    """What somebody wrote; `texts` by section, of the latest and of the one asked for only."""

    id: int
    at: datetime
    person: UUID
    role: str
    complete: bool
    texts: dict[str, str] | None
    who: str

    @property
    def sections(self) -> list[tuple[str, str]]:
        """Every section and its text."""
        return [
            (_(label), (self.texts or {}).get(name, ""))
            for name, (label, _guidance) in SECTIONS.items()
        ]


@dataclass(frozen=True)
class PostMortem:
    """What is owed after a rollback; its versions, the latest first."""

    id: int
    rollback: int
    opened_at: datetime
    due_on: date
    environment: str
    reason: str
    tag: str
    taken_back_tag: str
    versions: list[Version]

    @property
    def latest(self) -> Version | None:
        return self.versions[0] if self.versions else None

    @property
    def is_complete(self) -> bool:
        return bool(self.latest and self.latest.complete)

    @property
    def is_late(self) -> bool:
        return not self.is_complete and timezone.localdate() > self.due_on

    @property
    def texts(self) -> dict[str, str]:
        """The text of each section in the latest version."""
        written = (self.latest and self.latest.texts) or {}
        return {name: written.get(name, "") for name in SECTIONS}

    @property
    def seen(self) -> int:
        """The version that a writer starts from, 0 for none."""
        return self.latest.id if self.latest else 0

    @property
    def missing(self) -> list[str]:
        """The sections that keep it from being complete."""
        return [
            _(label)
            for name, (label, _guidance) in SECTIONS.items()
            if len(self.texts[name].strip()) < 10
        ]

    def version(self, number: int | None) -> Version | None:
        """The version of that id, if it was read whole."""
        return next((it for it in self.versions if it.id == number and it.texts), None)


def post_mortem(number: int, *, version: int | None = None) -> PostMortem | None:
    """The post-mortem of that id, one of its versions whole beside the latest; three queries."""
    rows = fetch("post_mortem", id=number)
    if not rows:
        return None
    versions = fetch("post_mortem_versions", id=number, version=version)
    names = names_by_supabase_id({row["person"] for row in versions})
    return PostMortem(
        **rows[0],
        versions=[
            Version(
                **{**row, "texts": json.loads(row["texts"]) if row["texts"] else None},
                who=actor_name(row["person"], names),
            )
            for row in versions
        ],
    )
