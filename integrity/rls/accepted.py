"""Findings that somebody decided to live with, in a file under review, with a reason and an end date."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

from django.utils.translation import gettext as _

from integrity.rls.catalogue import Level, Rule, catalogue
from mlpp_gov.sentences import pgettext_noop

FILE = Path(__file__).parent / "accepted.toml"
KEYS = {"finding", "object", "reason", "until"}
MIN_REASON = 10  # characters

EXPIRED = Rule(
    code="ACCEPTED_EXPIRED",
    level=Level.WARN,
    title=pgettext_noop("sql", "Acceptation échue"),
    why=pgettext_noop(
        "sql", "La date de fin est passée : le constat compte de nouveau, à son propre niveau."
    ),
    action=pgettext_noop(
        "sql", "Corriger la cause, ou décider de nouveau avec une raison et une date à venir."
    ),
    reference="docs/audit-rls.md",
)
UNUSED = Rule(
    code="ACCEPTED_UNUSED",
    level=Level.WARN,
    title=pgettext_noop("sql", "Acceptation sans objet"),
    why=pgettext_noop(
        "sql",
        "Rien de tel n’est constaté : la cause a disparu, ou le nom est mal écrit."
        " Elle accepterait d’avance un retour que personne n’a décidé.",
    ),
    action=pgettext_noop("sql", "La retirer du fichier, ou corriger le nom de l’objet."),
    reference="docs/audit-rls.md",
)


class AcceptedFileError(ValueError):
    """The file of accepted findings can't be read; the French text says which block and why."""


@dataclass(frozen=True)
class Acceptance:
    """`until` is the last day on which it holds."""

    finding: str
    object: str
    reason: str
    until: date

    @classmethod
    def parse(cls, block: Any, *, number: int) -> Self:
        """Raises AcceptedFileError naming the block, counted from 1, and what is wrong in it."""
        where = _("Acceptation n° {number}").format(number=number)
        if not isinstance(block, dict):
            raise AcceptedFileError(
                _("{where} : un bloc [[accepted]] est attendu.").format(where=where)
            )
        if wrong := KEYS ^ block.keys():
            raise AcceptedFileError(
                _("{where} : clé absente ou inconnue : {keys}.").format(
                    where=where, keys=", ".join(sorted(wrong))
                )
            )
        for key in ("finding", "object", "reason"):
            if not isinstance(block[key], str):
                raise AcceptedFileError(
                    _("{where} : {key} doit être un texte entre guillemets.").format(
                        where=where, key=key
                    )
                )
        if block["finding"] not in catalogue():
            raise AcceptedFileError(
                _("{where} : constat inconnu : {unknown}. Constats : {known}.").format(
                    where=where, unknown=block["finding"], known=", ".join(catalogue())
                )
            )
        if len(block["reason"].strip()) < MIN_REASON:
            raise AcceptedFileError(
                _("{where} : la raison a au moins {least} caractères.").format(
                    where=where, least=MIN_REASON
                )
            )
        if not isinstance(block["until"], date) or isinstance(block["until"], datetime):
            raise AcceptedFileError(
                _(
                    "{where} : until doit être une date sans guillemets, par exemple 2027-06-30."
                ).format(where=where)
            )
        return cls(**block)


def read(path: Path = FILE) -> list[Acceptance]:
    """The acceptances of a file. Raises AcceptedFileError when it can't be read as such."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AcceptedFileError(
            _("{path} : illisible ({reason}).").format(path=path, reason=error.strerror)
        ) from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise AcceptedFileError(
            _("{path} n’est pas du TOML : {reason}").format(path=path, reason=error)
        ) from error
    if unknown := content.keys() - {"accepted"}:
        raise AcceptedFileError(
            _("{path} : clé inconnue : {keys}. Seuls des blocs [[accepted]] y vont.").format(
                path=path, keys=", ".join(sorted(unknown))
            )
        )
    blocks = content.get("accepted", [])
    if not isinstance(blocks, list):
        raise AcceptedFileError(
            _("{path} : un bloc s’ouvre par [[accepted]], à deux crochets.").format(path=path)
        )
    acceptances = [Acceptance.parse(block, number=n) for n, block in enumerate(blocks, 1)]
    _refuse_repeated(acceptances)
    return acceptances


def _refuse_repeated(acceptances: Iterable[Acceptance]) -> None:
    seen = set()
    for number, acceptance in enumerate(acceptances, 1):
        key = (acceptance.finding, acceptance.object)
        if key in seen:
            raise AcceptedFileError(
                _("Acceptation n° {number} : {finding} de {object} l’est déjà.").format(
                    number=number, finding=acceptance.finding, object=acceptance.object
                )
            )
        seen.add(key)
