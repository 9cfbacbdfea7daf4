"""The audits that were recorded, and what changed since the last one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from integrity.queries import fetch
from integrity.rls.audit import Audit, Finding
from integrity.rls.export import as_list


class Path(StrEnum):
    """What recorded an audit."""

    WORKER = "worker"
    COMMAND = "command"


@dataclass(frozen=True)
class Gone:
    """A finding of the last recorded audit that is no longer there."""

    code: str
    object: str
    detail: str


@dataclass(frozen=True)
class Drift:
    """What differs from the audit recorded at `since`."""

    since: datetime
    new: Sequence[Finding]
    gone: Sequence[Gone]


def record(
    connection: BaseDatabaseWrapper,
    audit: Audit,
    *,
    path: Path,
    matrix: dict[str, Any] | None = None,
) -> None:
    """Keep an audit, and what each role could do if that was tried. Raises django.db.DatabaseError."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(
            "SELECT gouvernance.record_rls_audit(%s, %s, %s, %s, %s)",
            [
                audit.at,
                settings.APP_RELEASE,
                path,
                json.dumps(as_list(audit)),
                json.dumps(matrix) if matrix else None,
            ],
        )


def last_audit() -> dict[str, Any] | None:
    """`at`, `failing` and `public_policies` of the last recorded audit; None when there is none."""
    return next(iter(fetch("rls_summary")), None)


def drift(audit: Audit) -> Drift | None:
    """What is new and what is gone since the last recorded audit; None when there is none. One query.

    The same object with another detail is both: its old state is gone, its new one is new.
    """
    last = next(iter(fetch("rls_last_audit")), None)
    if last is None:
        return None
    before = {(f["finding"], f["object"], f["detail"]): None for f in json.loads(last["findings"])}
    now = {finding.key for finding in audit.findings}
    return Drift(
        since=last["at"],
        new=[finding for finding in audit.findings if finding.key not in before],
        gone=[Gone(*key) for key in before if key not in now],
    )
