"""`contract revert`: ML_PP is left exactly as it was before, and only after a clear yes."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError

from mlpp_gov import contract
from tests.database import Database
from tests.sql.conftest import Dump, Manage

NAMES = [sql_object.name for sql_object in contract.OBJECTS]


def installed(database: Database) -> set[str]:
    with database.owner() as connection:
        rows = connection.execute("SELECT name FROM gouvernance.contract_objects").fetchall()
    return {name for (name,) in rows}


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """What the operator types when asked."""
    return lambda answer: monkeypatch.setattr("builtins.input", lambda _: answer)


def test_it_leaves_the_schema_byte_for_byte_as_before(
    bare_database: Database, manage: Manage, dump: Dump
) -> None:
    before = dump(bare_database)
    manage(bare_database, "contract", "deploy")
    manage(bare_database, "migrate", "--database=owner")
    assert dump(bare_database) != before

    manage(bare_database, "contract", "revert", "--no-input")

    assert dump(bare_database) == before


def test_it_leaves_the_business_data_as_before(fresh_database: Database, manage: Manage) -> None:
    with fresh_database.owner() as connection:
        connection.execute("INSERT INTO public.depots (nom) VALUES ('Dépôt de test')")
        before = connection.execute("SELECT * FROM public.depots").fetchall()

    manage(fresh_database, "contract", "revert", "--no-input")

    with fresh_database.owner() as connection:
        assert connection.execute("SELECT * FROM public.depots").fetchall() == before


def test_what_was_reverted_can_be_deployed_again(fresh_database: Database, manage: Manage) -> None:
    manage(fresh_database, "contract", "revert", "--no-input")
    manage(fresh_database, "contract", "deploy")

    assert manage(fresh_database, "contract", "verify") == "Contrat conforme.\n"


@pytest.mark.parametrize("name", NAMES)
def test_it_removes_the_later_objects_too_newest_first(
    fresh_database: Database, manage: Manage, name: str
) -> None:
    kept, removed = NAMES[: NAMES.index(name)], NAMES[NAMES.index(name) :]

    printed = manage(fresh_database, "contract", "revert", name, "--no-input")

    assert printed == f"Retiré : {', '.join(reversed(removed))}.\n"
    status = manage(fresh_database, "contract", "status").splitlines()
    assert [line.split()[0] for line in status if "conforme" in line] == kept
    assert [line.split()[0] for line in status if "absent" in line] == removed


def test_removing_the_objects_one_by_one_is_the_same_as_all_at_once(
    bare_database: Database, manage: Manage, dump: Dump
) -> None:
    before = dump(bare_database)
    manage(bare_database, "contract", "deploy")

    for name in reversed(NAMES):
        manage(bare_database, "contract", "revert", name, "--no-input")

    assert dump(bare_database) == before


def test_nothing_to_remove_is_no_error(bare_database: Database, manage: Manage) -> None:
    printed = manage(bare_database, "contract", "revert", "--no-input")

    assert printed == "Retiré : rien, tout était déjà absent ou natif.\n"


def test_it_asks_first_and_says_that_the_data_go_too(
    fresh_database: Database, manage: Manage, type_in: Callable[[str], None]
) -> None:
    type_in("retirer")

    printed = manage(fresh_database, "contract", "revert", "sync")

    assert printed.startswith("Ceci retire sync et ce qui en dépend, AVEC ses données")
    assert installed(fresh_database) == set(NAMES[: NAMES.index("sync")])


@pytest.mark.parametrize("answer", ["", "non", "oui", "RETIRER"])
def test_any_other_answer_changes_nothing(
    fresh_database: Database,
    manage: Manage,
    dump: Dump,
    type_in: Callable[[str], None],
    answer: str,
) -> None:
    before = dump(fresh_database)
    type_in(answer)

    with pytest.raises(CommandError, match=r"^Abandonné, rien n’a été modifié\.$"):
        manage(fresh_database, "contract", "revert")

    assert dump(fresh_database) == before


def test_nobody_to_answer_is_a_refusal(
    fresh_database: Database, manage: Manage, dump: Dump, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_of_input(_: str) -> str:
        raise EOFError

    before = dump(fresh_database)
    monkeypatch.setattr("builtins.input", end_of_input)

    with pytest.raises(CommandError, match=r"--no-input"):
        manage(fresh_database, "contract", "revert")

    assert dump(fresh_database) == before


def test_it_refuses_whole_when_an_object_of_ml_pp_depends_on_ours(
    fresh_database: Database, manage: Manage, dump: Dump
) -> None:
    with fresh_database.owner() as connection:
        connection.execute(
            "CREATE VIEW public.v_alertes_ouvertes AS"
            " SELECT id, message FROM public.system_alerts WHERE status = 'OPEN'"
        )
    before = dump(fresh_database)

    with pytest.raises(CommandError, match=r"^system_alerts : retrait refusé\. "):
        manage(fresh_database, "contract", "revert", "--no-input")

    assert dump(fresh_database) == before
