"""Tuning a check: an administrator only, within the bounds, and journalled."""

import json

import pytest
from django.contrib.messages import get_messages
from django.db import DatabaseError, connection
from django.test import Client

from alerts.sync import sync_alerts
from integrity.checks.tuning import tune
from mlpp_gov.calls import InvalidInput
from mlpp_gov.identity import db_identity
from mlpp_gov.roles import SpokenRefusal
from tests import business
from tests.database import as_owner

STALE = "CDR_ARRIVE_STALE"
PAGE = f"/governance/integrity/checks/{STALE}/"
TUNE = f"{PAGE}tune/"
AS_IS = {"enabled": "on", "time_limit": "10", "threshold_delai": "2"}


@pytest.fixture
def post(admin, client_of):
    """Post the tuning form as the administrator; returns (response, texts of the messages)."""
    client = client_of(admin)

    def posted(**changes):
        data = {k: v for k, v in {**AS_IS, **changes}.items() if v is not None}
        response = client.post(TUNE, data)
        return response, [str(message) for message in get_messages(response.wsgi_request)]

    return posted


def settings():
    """(enabled, time limit in ms, delai) as the database has them."""
    with as_owner() as cursor:
        cursor.execute(
            "SELECT enabled, time_limit_ms, value FROM gouvernance.checks"
            " JOIN gouvernance.check_thresholds ON check_code = code WHERE code = %s",
            [STALE],
        )
        enabled, limit, value = cursor.fetchone()
        return enabled, limit, float(value)


def journal():
    with as_owner() as cursor:
        cursor.execute("SELECT actor, subject, change FROM gouvernance.check_changes ORDER BY id")
        return [
            (actor, subject, json.loads(change)) for actor, subject, change in cursor.fetchall()
        ]


def test_an_administrator_tunes_a_check_and_the_journal_says_who(post, admin, client_of):
    response, said = post(threshold_delai="5", time_limit="2,5")
    assert (response.status_code, response.url) == (302, PAGE)
    assert said == ["Réglages enregistrés : Camion arrivé, non réceptionné."]
    assert settings() == (True, 2500, 5)
    assert journal() == [
        (admin.supabase_user_id, STALE, {"delai": [2, 5], "time_limit_ms": [10000, 2500]})
    ]
    text = client_of(admin).get(PAGE).text
    assert str(admin) in text
    assert (
        "Délai accordé depuis la création du cours de route&nbsp;: 2\u00a0jours → 5\u00a0jours"
        in text
    )
    assert "Limite de temps&nbsp;: 10\u00a0s → 2,5\u00a0s" in text
    assert "(Africa/Lubumbashi)" in text


def test_a_tuned_threshold_changes_what_the_check_finds(post):
    with as_owner() as cursor:
        business.cdr(cursor, days_old=3, statut="ARRIVE")
    assert sync_alerts().opened == 1
    post(threshold_delai="5")
    assert sync_alerts().resolved == 1


def test_a_check_is_switched_off_and_on(post, directeur, client_of):
    post(enabled=None)
    assert settings()[0] is False
    text = client_of(directeur).get(PAGE).text
    assert "Éteint" in text
    assert "En service&nbsp;: oui → non" in text
    post()
    assert settings()[0] is True


@pytest.mark.parametrize(
    ("typed", "value"), [("0,5", 0.5), ("0.5", 0.5), (" 1\u202f2 ", 12), ("365", 365), ("0", 0)]
)
def test_a_number_is_read_as_people_write_it(post, typed, value):
    post(threshold_delai=typed)
    assert settings()[2] == value


def test_saving_what_is_there_leaves_no_line_in_the_journal(post):
    response, _ = post()
    assert response.status_code == 302
    assert journal() == []


@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        ("threshold_delai", "-1", "Une valeur entre 0 et 365\u00a0jours."),
        ("threshold_delai", "365,01", "Une valeur entre 0 et 365\u00a0jours."),
        ("threshold_delai", "1e400", "Une valeur entre 0 et 365\u00a0jours."),
        ("threshold_delai", "beaucoup", "Donnez un nombre."),
        ("threshold_delai", "NaN", "Donnez un nombre."),
        ("threshold_delai", "Infinity", "Donnez un nombre."),
        ("threshold_delai", "1.234,5", "Donnez un nombre."),
        ("threshold_delai", "", "Ce champ est obligatoire."),
        ("threshold_delai", None, "Ce champ est obligatoire."),
        ("threshold_delai", "1e-400", "6 chiffres après la virgule"),
        ("time_limit", "0,09", "Une valeur entre 0,1 et 300\u00a0s."),
        ("time_limit", "301", "Une valeur entre 0,1 et 300\u00a0s."),
        ("time_limit", "x" * 5000, "Donnez un nombre."),
    ],
)
def test_what_is_not_possible_is_said_at_the_field_and_stays_typed(post, field, typed, error):
    response, said = post(**{field: typed})
    assert (response.status_code, said) == (400, [])
    (words,) = response.context["form"].errors[field]
    assert error in words
    assert set(response.context["form"].errors) == {field}
    assert f'value="{typed}"' in response.text or not typed
    assert f'id="id_{field}_error"' in response.text
    assert settings() == (True, 10000, 2)


@pytest.mark.parametrize(
    "given",
    [
        {"thresholds": {"delai": 366}},
        {"thresholds": {"delai": "NaN"}},
        {"thresholds": {"delai": "beaucoup"}},
        {"thresholds": {"inconnu": 1}},
        {"time_limit_ms": 99},
        {"time_limit_ms": 300_001},
    ],
)
def test_the_database_refuses_what_goes_around_the_form(admin, given):
    values = {"enabled": True, "time_limit_ms": 10_000, "thresholds": {}, **given}
    with pytest.raises(InvalidInput):
        tune(STALE, actor=admin, **values)
    assert settings() == (True, 10_000, 2)
    assert journal() == []


def test_a_refusal_by_the_database_is_shown_in_the_form(post):
    with as_owner() as cursor:  # its bounds were narrowed after the page was rendered
        cursor.execute(
            "CREATE FUNCTION pg_temp.narrow() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE check_violation; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER narrow BEFORE UPDATE ON gouvernance.check_thresholds"
            " FOR EACH ROW EXECUTE FUNCTION pg_temp.narrow()"
        )
    response, said = post(threshold_delai="5")
    assert (response.status_code, said) == (400, [])
    assert "La base de données a refusé" in response.text
    assert 'value="5"' in response.text


def test_an_unknown_check_is_refused_by_page_and_database(admin, client_of):
    assert (
        client_of(admin).post("/governance/integrity/checks/INCONNU/tune/", AS_IS).status_code
        == 404
    )
    with pytest.raises(InvalidInput):
        tune("INCONNU", actor=admin, enabled=True, time_limit_ms=1000, thresholds={})


@pytest.mark.parametrize("who", ["directeur", "pca"])
def test_others_read_the_settings_and_have_no_form(who, request, client_of):
    client = client_of(request.getfixturevalue(who))
    response = client.get(PAGE)
    assert response.context["form"] is None
    assert "2\u00a0jours" in response.text
    assert "Seul un administrateur" in response.text
    assert client.post(TUNE, AS_IS).status_code == 403


@pytest.mark.parametrize("who", ["directeur", "pca"])
def test_the_database_refuses_others_whatever_the_page_says(who, request):
    with pytest.raises(SpokenRefusal, match="administrateur"):
        tune(
            STALE,
            actor=request.getfixturevalue(who),
            enabled=False,
            time_limit_ms=1000,
            thresholds={},
        )
    assert settings() == (True, 10_000, 2)


def test_nobody_writes_the_settings_beside_the_function(admin):
    for sql in (
        "UPDATE gouvernance.checks SET enabled = false",
        "UPDATE gouvernance.check_thresholds SET value = 0",
        "DELETE FROM gouvernance.check_changes",
    ):
        with pytest.raises(DatabaseError), db_identity(admin), connection.cursor() as cursor:
            cursor.execute(sql)


def test_an_administrator_whose_profile_is_lower_is_refused_and_nothing_is_said_to_be_saved(
    post, admin
):
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE public.profils SET role = 'directeur' WHERE user_id = %s",
            [admin.supabase_user_id],
        )
    response, said = post(threshold_delai="5")
    assert (response.status_code, said) == (403, [])
    assert settings() == (True, 10_000, 2)


def test_a_form_without_its_token_is_refused(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(TUNE, AS_IS).status_code == 403
    assert settings() == (True, 10_000, 2)


def test_of_two_administrators_the_last_wins_and_the_journal_has_both(post, admin):
    post(threshold_delai="5")
    post(threshold_delai="7")
    assert [change for _, _, change in journal()] == [{"delai": [2, 5]}, {"delai": [5, 7]}]


def test_a_change_of_a_threshold_that_is_gone_is_still_told(admin, client_of):
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO gouvernance.check_changes (actor, subject, change)"
            " VALUES (gen_random_uuid(), %s, '{\"jadis\": [1.50, 2]}')",
            [STALE],
        )
    text = client_of(admin).get(PAGE).text
    assert "jadis&nbsp;: 1,5 → 2" in text
    assert "une personne inconnue" in text
