"""What an open page asks again and again: nothing while nothing changed, and never another's list."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import transitions
from alerts.sync import sync_alerts
from integrity.checks import tuning
from mlpp_gov.models import Language, User
from tests import business
from tests.database import as_owner

LIST, COCKPIT = "/governance/integrity/", "/governance/"


def refresh(client, path=LIST, tag="", **params):
    """What static/js/live.js asks of a page."""
    headers = {"X-Refresh": "1", "HX-Request": "true", "HX-Current-URL": f"http://testserver{path}"}
    return client.get(path, params, headers=headers | ({"If-None-Match": tag} if tag else {}))


@pytest.fixture
def client(directeur, client_of):
    return client_of(directeur)


@pytest.fixture
def truck(directeur):
    """The id of a truck that has waited for days; its alert was found and handed to a directeur."""
    with as_owner() as cursor:
        truck = business.cdr(cursor, days_old=5, statut="ARRIVE", plaque_camion="1234AB01")
    sync_alerts()
    transitions.assign(alert_id(truck), actor=directeur, assignee=directeur)
    return truck


def alert_id(truck):
    with as_owner() as cursor:
        cursor.execute("SELECT id FROM public.system_alerts WHERE entity_id = %s", [truck])
        return cursor.fetchone()[0]


def owner(sql, *values):
    with as_owner() as cursor:
        cursor.execute(sql, values)


def test_an_open_list_gets_304_without_content_while_nothing_changed(client, truck):
    first = refresh(client)
    assert first.status_code == 200
    second = refresh(client, tag=first["ETag"])
    assert (second.status_code, second.content) == (304, b"")
    assert second["ETag"] == first["ETag"]


def test_the_answer_is_the_moving_parts_and_not_the_page(client, truck):
    text = refresh(client).text
    assert 'id="live"' in text
    assert "1234AB01" in text
    assert 'class="counter' in text
    assert 'data-title="(1) Intégrité · ML_PP Gouvernance"' in text
    assert "<html" not in text


CHANGES = {
    "a new alert": lambda truck, person: owner(
        "INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message)"
        " VALUES ('X', 'CRITICAL', 'CDR', gen_random_uuid(), 'nouvelle')"
    ),
    "an alert outside the filter, which the total counts": lambda truck, person: owner(
        "INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message,"
        " status) VALUES ('X', 'WARN', 'CDR', gen_random_uuid(), 'réglée', 'RESOLVED')"
    ),
    "an evaluation that found the same": lambda truck, person: sync_alerts(),
    "an evaluation that found it gone": lambda truck, person: (
        owner("UPDATE public.cours_de_route SET statut = 'TRANSIT' WHERE id = %s", truck),
        sync_alerts(),
    ),
    "an acknowledgement": lambda truck, person: transitions.acknowledge(
        alert_id(truck), actor=person
    ),
    "an assignment taken back": lambda truck, person: transitions.assign(
        alert_id(truck), actor=person, assignee=None
    ),
    "a resolution": lambda truck, person: transitions.resolve(
        alert_id(truck), actor=person, claim=True
    ),
    "a message without any event": lambda truck, person: owner(
        "UPDATE public.system_alerts SET message = 'autre constat'"
    ),
    "a severity": lambda truck, person: owner(
        "UPDATE public.system_alerts SET severity = 'CRITICAL'"
    ),
    "a name in ML_PP": lambda truck, person: owner(
        "UPDATE public.cours_de_route SET plaque_camion = '9999ZZ99' WHERE id = %s", truck
    ),
    "a person's name": lambda truck, person: owner(
        "UPDATE gouvernance.mlpp_gov_user SET full_name = 'Nouveau Nom' WHERE id = %s", person.pk
    ),
    "an alert that becomes late": lambda truck, person: owner(
        "UPDATE gouvernance.alert_periods SET started_at = now() - interval '48 hours'"
    ),
    "an evaluation that becomes too old": lambda truck, person: owner(
        "UPDATE gouvernance.sync_runs SET started_at = started_at - interval '1 hour',"
        " finished_at = finished_at - interval '1 hour'"
    ),
    "a check out of service": lambda truck, person: owner(
        "UPDATE gouvernance.checks SET enabled = false WHERE code = 'STOCK_NEGATIF'"
    ),
    "a third period in seven days": lambda truck, person: owner(
        "UPDATE gouvernance.alert_periods SET ended_at = started_at, outcome = 'gone';"
        "INSERT INTO gouvernance.alert_periods"
        " (alert_id, number, previous_ended_at, severity, started_at, ended_at, outcome)"
        " SELECT alert_id, 2, ended_at, severity, ended_at, ended_at, outcome"
        " FROM gouvernance.alert_periods;"
        "INSERT INTO gouvernance.alert_periods"
        " (alert_id, number, previous_ended_at, severity, started_at)"
        " SELECT alert_id, 3, ended_at, severity, ended_at FROM gouvernance.alert_periods"
        " WHERE number = 2"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_what_the_list_shows_changes_its_tag(client, directeur, truck, change):
    tag = refresh(client)["ETag"]
    change(truck, directeur)
    response = refresh(client, tag=tag)
    assert response.status_code == 200
    assert response["ETag"] != tag
    assert refresh(client, tag=response["ETag"]).status_code == 304


def test_a_delay_that_an_administrator_sets_changes_the_tag(client, admin, truck):
    tag = refresh(client)["ETag"]
    tuning.set_service_level("*", "WARN", 72, actor=admin)
    assert refresh(client, tag=tag).status_code == 200


def test_how_late_an_alert_is_changes_the_tag_when_its_words_change(client, truck):
    def late_by(time):
        owner(
            "UPDATE gouvernance.alert_periods"
            " SET started_at = now() - interval '48 hours' - %s::interval",
            time,
        )
        return refresh(client)

    words = {}
    for time in ("5 min", "6 min", "3 days", "3 days 4 hours"):
        response = late_by(time)
        words[response["ETag"]] = response.context["page"].object_list[0].due_text
    assert list(words.values()) == [
        "en retard de 5\u00a0min",
        "en retard de 6\u00a0min",
        "en retard de 3\u00a0jours",
        "en retard de 3,2\u00a0jours",
    ]


def test_what_the_list_does_not_show_leaves_its_tag(client, directeur, truck):
    tag = refresh(client)["ETag"]
    transitions.annotate(alert_id(truck), actor=directeur, text="Vu avec le chauffeur")
    assert refresh(client, tag=tag).status_code == 304


def test_a_new_release_changes_the_tag(client, truck, settings):
    tag = refresh(client)["ETag"]
    settings.APP_RELEASE = "v9.9.9+9999999"
    response = refresh(client, tag=tag)
    assert response.status_code == 200
    assert "v9.9.9+9999999" in response.text


def test_a_tag_is_of_one_person_and_of_their_role(client, directeur, pca, client_of, truck):
    tag = refresh(client)["ETag"]
    others = refresh(client_of(pca), tag=tag)
    assert others.status_code == 200
    assert f'data-page="{pca.pk} pca ' in others.text
    User.objects.filter(pk=directeur.pk).update(role="pca")
    mine = refresh(client, tag=tag)
    assert mine.status_code == 200
    assert f'data-page="{directeur.pk} pca ' in mine.text


def test_a_tag_is_of_one_language(client, directeur, truck):
    tag = refresh(client)["ETag"]
    directeur.language = Language.ENGLISH
    directeur.save()
    assert refresh(client, tag=tag).status_code == 200


def test_a_tag_is_of_one_address(client, truck):
    tag = refresh(client)["ETag"]
    for params in ({"severity": "WARN"}, {"page": "2"}, {"sort": "due"}, {"q": "1234"}):
        assert refresh(client, tag=tag, **params).status_code == 200, params


def test_each_filter_page_and_order_has_answers_that_stay_the_same(client, truck, make_alert):
    for _ in range(3):
        make_alert()
    for params in (
        {"page_size": "2", "page": "2"},
        {"page_size": "2", "page": "999999999"},
        {"sort": "due", "status": "all"},
        {"status": "late"},
        {"status": "accepted"},
        {"status": "unassigned", "q": "100 %"},
        {"q": "introuvable"},
    ):
        first = refresh(client, **params)
        assert first.status_code == 200, params
        assert refresh(client, tag=first["ETag"], **params).status_code == 304, params


def test_an_alert_on_another_page_changes_the_counters_and_so_the_tag(client, truck, make_alert):
    tag = refresh(client, page_size="1")["ETag"]
    make_alert(last_detected_at="2020-01-01T00:00Z")
    response = refresh(client, tag=tag, page_size="1")
    assert response.status_code == 200
    assert response.context["counters"]["total"] == 2


def test_an_empty_installation_has_a_tag_too(client):
    first = refresh(client)
    assert "jamais évalué" in first.text
    assert refresh(client, tag=first["ETag"]).status_code == 304


@pytest.mark.parametrize(("path", "most"), [(LIST, 3), (COCKPIT, 4)])
def test_an_answer_that_nothing_changed_asks_the_database_little(
    client, truck, make_alert, path, most
):
    for _ in range(60):
        make_alert()
    tag = refresh(client, path)["ETag"]
    with CaptureQueriesContext(connection) as queries:
        assert refresh(client, path, tag=tag).status_code == 304
    identity = ("SAVEPOINT", "RELEASE", "set_config", "django_session", '"mlpp_gov_user"."id"')
    asked = [q["sql"] for q in queries if not any(word in q["sql"] for word in identity)]
    assert len(asked) <= most, asked


def test_no_shared_cache_may_keep_a_list(client, truck):
    page, answer = client.get(LIST), refresh(client)
    nothing = refresh(client, tag=answer["ETag"])
    for response in (page, answer, nothing):
        assert response["Cache-Control"] == "private, no-cache"
        assert {"cookie", "x-refresh"} <= {
            name.strip() for name in response["Vary"].lower().split(",")
        }
    assert "ETag" not in page


def test_a_page_that_is_loaded_is_never_answered_by_304(client, truck):
    tag = refresh(client)["ETag"]
    assert client.get(LIST, headers={"If-None-Match": tag}).status_code == 200


def test_a_refresh_leaves_the_messages_to_the_page(client, truck):
    client.post(f"/governance/alerts/{alert_id(truck)}/ack/")
    assert "Alerte acquittée." not in refresh(client).text
    assert "Alerte acquittée." in client.get(LIST).text


def test_a_filter_that_is_refused_is_refused_again(client, truck):
    for _ in range(2):
        response = refresh(client, severity="FATAL")
        assert response.status_code == 400
        assert "ETag" not in response


@pytest.mark.parametrize("tag", ["*", "W/", '"', "é", "x" * 5_000, 'W/"abc", W/"def"'])
def test_an_odd_tag_is_no_error(client, truck, tag):
    assert refresh(client, tag=tag).status_code in (200, 304)


def test_who_has_signed_out_is_sent_to_the_login_and_back(client, truck):
    tag = refresh(client)["ETag"]
    client.logout()
    response = refresh(client, tag=tag)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/login/?next=/governance/integrity/"


def test_who_lost_their_rights_is_refused_even_with_a_tag(client, directeur, truck):
    tag = refresh(client)["ETag"]
    owner("DELETE FROM public.profils WHERE user_id = %s", directeur.supabase_user_id)
    assert refresh(client, tag=tag).status_code == 403
    User.objects.filter(pk=directeur.pk).update(role="gerant")
    assert refresh(client, tag=tag).status_code == 403


def test_an_open_cockpit_gets_304_until_what_is_to_handle_changes(client, truck, make_alert):
    first = refresh(client, COCKPIT)
    assert "Maintenant" in first.text
    assert "Indicateurs du" not in first.text
    assert refresh(client, COCKPIT, tag=first["ETag"]).status_code == 304
    make_alert(severity="CRITICAL")
    assert refresh(client, COCKPIT, tag=first["ETag"]).status_code == 200


def test_an_open_cockpit_hears_of_an_evaluation_and_of_its_age(client, truck):
    tag = refresh(client, COCKPIT)["ETag"]
    sync_alerts()
    newer = refresh(client, COCKPIT, tag=tag)
    assert newer.status_code == 200
    owner(
        "UPDATE gouvernance.sync_runs SET started_at = started_at - interval '1 hour',"
        " finished_at = finished_at - interval '1 hour'"
    )
    assert "Cette page peut être dépassée" in refresh(client, COCKPIT, tag=newer["ETag"]).text
