"""Findings that somebody decided to live with, in a file under review, with a reason and an end date."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

from integrity.rls.catalogue import Level, Rule, catalogue

FILE = Path(__file__).parent / "accepted.toml"
KEYS = {"finding", "object", "reason", "until"}
MIN_REASON = 10  # characters

EXPIRED = Rule(
    code="ACCEPTED_EXPIRED",
    level=Level.WARN,
    title="Acceptation échue",
    why="La date de fin est passée : le constat compte de nouveau, à son propre niveau.",
    action="Corriger la cause, ou décider de nouveau avec une raison et une date à venir.",
    reference="docs/audit-rls.md",
)
UNUSED = Rule(
    code="ACCEPTED_UNUSED",
    level=Level.WARN,
    title="Acceptation sans objet",
    why="Rien de tel n’est constaté : la cause a disparu, ou le nom est mal écrit. Elle accepterait d’avance un retour que personne n’a décidé.",  # noqa: E501
    action="La retirer du fichier, ou corriger le nom de l’objet.",
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
        where = f"Acceptation n° {number}"
        if not isinstance(block, dict):
            raise AcceptedFileError(f"{where} : un bloc [[accepted]] est attendu.")
        if wrong := KEYS ^ block.keys():
            raise AcceptedFileError(
                f"{where} : clé absente ou inconnue : {', '.join(sorted(wrong))}."
            )
        for key in ("finding", "object", "reason"):
            if not isinstance(block[key], str):
                raise AcceptedFileError(f"{where} : {key} doit être un texte entre guillemets.")
        if block["finding"] not in catalogue():
            raise AcceptedFileError(
                f"{where} : constat inconnu : {block['finding']}. Constats : {', '.join(catalogue())}."
            )
        if len(block["reason"].strip()) < MIN_REASON:
            raise AcceptedFileError(f"{where} : la raison a au moins {MIN_REASON} caractères.")
        if not isinstance(block["until"], date) or isinstance(block["until"], datetime):
            raise AcceptedFileError(
                f"{where} : until doit être une date sans guillemets, par exemple 2027-06-30."
            )
        return cls(**block)


def read(path: Path = FILE) -> list[Acceptance]:
    """The acceptances of a file. Raises AcceptedFileError when it can't be read as such."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AcceptedFileError(f"{path} : illisible ({error.strerror}).") from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise AcceptedFileError(f"{path} n’est pas du TOML : {error}") from error
    if unknown := content.keys() - {"accepted"}:
        raise AcceptedFileError(
            f"{path} : clé inconnue : {', '.join(sorted(unknown))}. Seuls des blocs [[accepted]] y vont."
        )
    blocks = content.get("accepted", [])
    if not isinstance(blocks, list):
        raise AcceptedFileError(f"{path} : un bloc s’ouvre par [[accepted]], à deux crochets.")
    acceptances = [Acceptance.parse(block, number=n) for n, block in enumerate(blocks, 1)]
    _refuse_repeated(acceptances)
    return acceptances


def _refuse_repeated(acceptances: Iterable[Acceptance]) -> None:
    seen = set()
    for number, acceptance in enumerate(acceptances, 1):
        key = (acceptance.finding, acceptance.object)
        if key in seen:
            raise AcceptedFileError(
                f"Acceptation n° {number} : {acceptance.finding} de {acceptance.object} l’est déjà."
            )
        seen.add(key)
