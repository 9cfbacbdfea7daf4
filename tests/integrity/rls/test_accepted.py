"""Accepted findings: a reason and an end date, and no silence once either is missing."""

from datetime import date

import pytest
from django.db import connection

from integrity.rls import audit
from integrity.rls.accepted import FILE, AcceptedFileError, read
from integrity.rls.catalogue import Level
from tests.database import as_owner

BLOCK = """
[[accepted]]
finding = "READ_ALWAYS_TRUE"
object = "policy ancienne ON public.clients"
reason = "Liste que toute l’application affiche."
until = 2026-12-31
"""
LAST_DAY = date(2026, 12, 31)


@pytest.fixture
def accepted(tmp_path):
    def write(text):
        path = tmp_path / "accepted.toml"
        path.write_text(text, encoding="utf-8")
        return read(path)

    return write


@pytest.fixture
def open_policy(db):
    with as_owner() as cursor:
        cursor.execute(
            "CREATE POLICY ancienne ON public.clients FOR SELECT TO authenticated USING (true)"
        )


def codes(findings):
    return [finding.rule.code for finding in findings]


def test_an_accepted_finding_no_longer_counts_and_keeps_its_reason(open_policy, accepted):
    found = audit.run(connection, accepted(BLOCK), today=LAST_DAY)
    assert codes(found.open) == ["FK_AUTH"]
    assert found.count(Level.WARN) == 0
    (finding,) = found.accepted
    assert finding.accepted.reason == "Liste que toute l’application affiche."


def test_the_day_after_it_counts_again_and_the_file_is_named(open_policy, accepted):
    found = audit.run(connection, accepted(BLOCK), today=date(2027, 1, 1))
    assert codes(found.open) == ["ACCEPTED_EXPIRED", "READ_ALWAYS_TRUE", "FK_AUTH"]
    assert found.accepted == []


def test_an_acceptance_of_what_is_not_there_is_a_finding(db, accepted):
    found = audit.run(connection, accepted(BLOCK), today=LAST_DAY)
    assert codes(found.open) == ["ACCEPTED_UNUSED", "FK_AUTH"]
    assert found.open[0].object == "READ_ALWAYS_TRUE · policy ancienne ON public.clients"


def test_an_accepted_public_policy_is_not_a_failure_and_is_still_counted(db, accepted):
    with as_owner() as cursor:
        cursor.execute(
            "CREATE POLICY ancienne ON public.clients FOR SELECT"
            " USING ((SELECT auth.uid()) IS NOT NULL)"
        )
    found = audit.run(
        connection, accepted(BLOCK.replace("READ_ALWAYS_TRUE", "PUBLIC_POLICY")), today=LAST_DAY
    )
    assert found.failing == []
    assert found.public_policies == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("accepted = [", "TOML"),
        ("accepte = []", "clé inconnue : accepte"),
        ('[accepted]\nfinding = "RLS_OFF"', "deux crochets"),
        ("accepted = [1]", "n° 1 : un bloc"),
        (BLOCK.replace("until = 2026-12-31", ""), "n° 1 : clé absente ou inconnue : until"),
        (BLOCK + 'par = "moi"', "clé absente ou inconnue : par"),
        (BLOCK.replace("READ_ALWAYS_TRUE", "RIEN"), "constat inconnu : RIEN"),
        (BLOCK.replace("Liste que toute l’application affiche.", " ok "), "au moins 10 caractères"),
        (BLOCK.replace("2026-12-31", '"2026-12-31"'), "une date sans guillemets"),
        (BLOCK.replace("2026-12-31", "2026-12-31T00:00:00Z"), "une date sans guillemets"),
        (BLOCK.replace('"policy ancienne ON public.clients"', "3"), "object doit être un texte"),
        (BLOCK + BLOCK, "n° 2 : READ_ALWAYS_TRUE de policy ancienne ON public.clients l’est déjà"),
    ],
)
def test_a_file_that_is_wrong_says_which_block_and_why(accepted, text, complaint):
    with pytest.raises(AcceptedFileError) as refusal:
        accepted(text)
    assert complaint in str(refusal.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_can_not_be_read_is_named(tmp_path, content):
    path = tmp_path / "accepted.toml"
    if content:
        path.write_bytes(content)
    with pytest.raises(AcceptedFileError, match=r"accepted\.toml"):
        read(path)


def test_the_file_of_this_repository_can_be_read():
    assert isinstance(read(FILE), list)
