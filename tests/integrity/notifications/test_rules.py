"""The rules: everybody who governs reads them, an administrator writes them, and each change is kept."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from integrity.notifications import actions
from mlpp_gov.calls import InvalidInput
from mlpp_gov.roles import SpokenRefusal
from tests import business
from tests.database import as_owner
from tests.integrity.notifications.conftest import PAGE, rows

RULE = {
    "topic": "overdue",
    "severity": "CRITICAL",
    "check_code": "STOCK_NEGATIF",
    "depot_id": "",
    "recipient": "role:pca",
    "delivery": "digest",
    "delay_hours": "12",
    "quiet_from": "20:00",
    "quiet_to": "06:30",
    "details": "on",
    "recovery": "on",
    "enabled": "on",
}
COLUMNS = (
    "topic, severity, check_code, recipient, delivery, delay_hours, quiet_from::text, quiet_to::text,"
    " details, recovery, enabled"
)


@pytest.fixture(autouse=True)
def _channels(channels: None) -> None:
    """Every test knows two channels."""


def last_rule() -> tuple[int, tuple[Any, ...]]:
    ((rule, *columns),) = rows(
        f"SELECT id, {COLUMNS} FROM gouvernance.notification_rules ORDER BY id DESC LIMIT 1"
    )
    return rule, tuple(columns)


def count() -> int:
    return rows("SELECT count(*) FROM gouvernance.notification_rules")[0][0]


def test_an_administrator_adds_changes_switches_off_and_removes_a_rule(act, admin, client_of):
    response, said = act("rules/add/", RULE)
    assert (response.status_code, response.url, said) == (302, PAGE, ["Règle enregistrée."])
    rule, written = last_rule()
    assert written == (
        *("overdue", "CRITICAL", "STOCK_NEGATIF", "role:pca", "digest", 12),
        *("20:00:00", "06:30:00", True, True, True),
    )
    text = client_of(admin).get(PAGE).text
    assert "12\u00a0h après l’échéance, regroupé, jamais de 20:00 à 06:30" in text
    assert "CRITICAL · Stock négatif" in text

    changed = {**RULE, "recipient": "channel:depot", "quiet_from": "", "quiet_to": ""}
    del changed["enabled"], changed["recovery"]
    act(f"rules/{rule}/", changed)
    assert last_rule()[1][3:] == ("channel:depot", "digest", 12, None, None, True, False, False)
    text = client_of(admin).get(PAGE).text
    assert "hors service" in text
    assert "À qui&nbsp;: Le PCA → Canal depot" in text
    assert "En service&nbsp;: oui → non" in text
    assert "Silence à&nbsp;: 06:30 → —" in text
    assert f"Règle {rule} ajoutée\u00a0: Délai dépassé, le pca" in text

    before = count()
    assert act(f"rules/{rule}/remove/")[1][-1] == "La règle est retirée."
    assert count() == before - 1
    text = client_of(admin).get(PAGE).text
    assert f"Règle {rule} retirée" in text
    assert text.count(f"{admin} ·") == 3


def test_the_form_of_a_rule_shows_what_holds(act, admin, client_of):
    act("rules/add/", RULE)
    rule, _ = last_rule()
    text = client_of(admin).get(f"{PAGE}rules/{rule}/").text
    for shown in ('value="12"', 'value="20:00"', 'value="06:30"', '"STOCK_NEGATIF" selected'):
        assert shown in text, shown


def test_a_rule_may_be_about_one_depot(act, admin, client_of):
    with as_owner() as cursor:
        depot = business.depot(cursor, "Dépôt de Kolwezi")
    act("rules/add/", {**RULE, "depot_id": str(depot)})
    assert "CRITICAL · Stock négatif · Dépôt de Kolwezi" in client_of(admin).get(PAGE).text
    rule, _ = last_rule()
    with as_owner() as cursor:
        cursor.execute("DELETE FROM public.depots")
    assert "(introuvable)" in client_of(admin).get(PAGE).text
    assert str(depot) in client_of(admin).get(f"{PAGE}rules/{rule}/").text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"topic": ""}, "topic"),
        ({"topic": "recovered"}, "topic"),
        ({"severity": "INFO"}, "severity"),
        ({"check_code": "PAS_UN_CONTROLE"}, "check_code"),
        ({"depot_id": "pas un uuid"}, "depot_id"),
        ({"depot_id": "00000000-0000-4000-8000-000000000000"}, "depot_id"),
        ({"recipient": "role:gerant"}, "recipient"),
        ({"recipient": "channel:inconnu"}, "recipient"),
        ({"recipient": "person:1"}, "recipient"),
        ({"recipient": "assignee"}, "recipient"),
        ({"delivery": "jamais"}, "delivery"),
        ({"delay_hours": ""}, "delay_hours"),
        ({"delay_hours": "-1"}, "delay_hours"),
        ({"delay_hours": "8761"}, "delay_hours"),
        ({"delay_hours": "9" * 400}, "delay_hours"),
        ({"topic": "opened"}, "delay_hours"),
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"quiet_from": "", "quiet_to": "06:00"}, "quiet_from"),
        ({"quiet_to": ""}, "quiet_to"),
        ({"quiet_to": "20:00"}, "quiet_to"),
        ({"delivery": "at_once"}, "quiet_from"),
        ({"topic": "check_failing", "delay_hours": "0"}, "severity"),
        ({"topic": "weekly_report", "delay_hours": "0", "severity": ""}, "check_code"),
    ],
)
def test_what_is_not_possible_is_said_at_its_field_and_stays_typed(act, wrong, field):
    before = count()
    response, said = act("rules/add/", {**RULE, **wrong})
    assert (response.status_code, said, count()) == (400, [], before)
    form = response.context["form"]
    assert field in form.errors
    assert 'aria-invalid="true"' in response.text
    assert form["details"].value()


@pytest.mark.parametrize("field", sorted(RULE.keys() - {"details", "recovery", "enabled"}))
def test_a_nul_character_is_refused(act, admin, client_of, field):
    before = count()
    assert act("rules/add/", {**RULE, field: "a\0b"})[0].status_code == 400
    encoded = urlencode({**RULE, field: "a\0b"})
    response = client_of(admin).post(
        f"{PAGE}rules/add/", encoded, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 400
    assert count() == before


def test_a_rule_whose_channel_is_gone_says_so_and_can_be_switched_off(
    act, admin, client_of, settings
):
    act("rules/add/", {**RULE, "recipient": "channel:depot"})
    rule, _ = last_rule()
    settings.NOTIFY_CHANNELS = {}
    assert "absent de NOTIFY_CHANNELS" in client_of(admin).get(PAGE).text
    switched_off = {**RULE, "recipient": "channel:depot"}
    del switched_off["enabled"]
    assert act(f"rules/{rule}/", switched_off)[0].status_code == 302
    assert last_rule()[1][-1] is False


@pytest.mark.parametrize("rule", ["0", "999999", "9" * 30])
def test_a_rule_that_is_not_there_is_a_404_and_removing_it_no_error(act, admin, client_of, rule):
    assert client_of(admin).get(f"{PAGE}rules/{rule}/").status_code == 404
    assert act(f"rules/{rule}/", RULE)[0].status_code == 404
    before = count()
    assert act(f"rules/{rule}/remove/")[0].status_code == 302
    assert count() == before


@pytest.mark.parametrize("who", ["directeur", "pca"])
def test_others_read_the_rules_and_change_nothing(who, request, act, client_of):
    person = request.getfixturevalue(who)
    text = client_of(person).get(PAGE).text
    assert "Seul un administrateur change les règles." in text
    assert "rules/" not in text
    assert "Essayer ce canal" not in text
    before = count()
    for path in ("rules/add/", "rules/1/", "rules/1/remove/", "channels/depot/test/"):
        assert act(path, RULE, who=person)[0].status_code == 403
    assert count() == before


def test_the_database_refuses_others_and_what_does_not_go_together(admin, directeur):
    values = {
        **dict.fromkeys(("severity", "check_code", "depot_id", "quiet_from", "quiet_to")),
        "topic": "opened",
        "recipient": "role:pca",
        "delivery": "at_once",
        "delay_hours": 0,
        **dict.fromkeys(("details", "recovery", "enabled"), True),
    }
    before = count()
    with pytest.raises(SpokenRefusal, match="administrateur"):
        actions.set_rule(None, values, actor=directeur)
    with pytest.raises(SpokenRefusal, match="administrateur"):
        actions.remove_rule(1, actor=directeur)
    for wrong in (
        {"topic": "recovered"},
        {"recipient": "assignee"},
        {"recipient": "person:1"},
        {"delay_hours": 1},
        {"depot_id": UUID(int=0)},
        {"check_code": "PAS_UN_CONTROLE"},
    ):
        with pytest.raises(InvalidInput):
            actions.set_rule(None, {**values, **wrong}, actor=admin)
    assert count() == before


def test_without_any_rule_the_page_says_that_nobody_is_told_anything(admin, client_of):
    with as_owner() as cursor:
        cursor.execute("DELETE FROM gouvernance.notification_rules")
    assert "personne n’est prévenu de rien" in client_of(admin).get(PAGE).text
