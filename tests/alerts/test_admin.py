"""Triage in the Django admin: the same functions, and nothing else."""

import pytest
from django.contrib.messages import get_messages

from tests.database import as_owner

URL = "/admin/alerts/alert/"


def statuses():
    with as_owner() as cursor:
        cursor.execute("SELECT status FROM public.system_alerts ORDER BY status")
        return [status for (status,) in cursor.fetchall()]


@pytest.fixture
def triage(directeur, client_of):
    """Run a bulk action as a directeur; returns (response, texts of the messages)."""
    client = client_of(directeur)

    def act(action, selected, **data):
        response = client.post(
            URL, {"action": action, "_selected_action": selected, "index": 0, **data}
        )
        return response, [str(message) for message in get_messages(response.wsgi_request)]

    return act


@pytest.mark.parametrize("who", ["admin", "directeur", "pca"])
def test_the_list_opens_to_those_who_may_read(who, request, client_of, make_alert):
    make_alert(severity="CRITICAL", message="TANK3 déborde")
    response = client_of(request.getfixturevalue(who)).get(URL)
    assert response.status_code == 200
    assert "TANK3 déborde" in response.text
    assert "v0.0.0+0000000" in response.text


@pytest.mark.parametrize(
    "query",
    [
        "?severity__exact=CRITICAL",
        "?status__exact=OPEN",
        "?q=TANK3",
        "?first_detected_at__year=2026",
        "?o=1",
    ],
)
def test_filters_search_and_dates_work_under_the_persons_identity(
    directeur, client_of, make_alert, query
):
    make_alert(severity="CRITICAL", message="TANK3 déborde", first_detected_at="2026-02-19T07:00Z")
    response = client_of(directeur).get(URL + query)
    assert response.status_code == 200
    assert "TANK3 déborde" in response.text


def test_critical_comes_first(directeur, client_of, make_alert):
    make_alert(message="jaune")
    make_alert(severity="CRITICAL", message="rouge", last_detected_at="2020-01-01T00:00Z")
    text = client_of(directeur).get(URL).text
    assert text.index("rouge") < text.index("jaune")


def test_a_selection_is_acknowledged_and_counted(triage, make_alert, directeur):
    response, said = triage("acknowledge_selected", [make_alert(), make_alert()])
    assert response.status_code == 302
    assert said == ["Alertes modifiées : 2 sur 2."]
    assert statuses() == ["ACK", "ACK"]


def test_a_selection_is_resolved_and_a_conflict_is_named(triage, make_alert):
    _, said = triage(
        "resolve_selected",
        [make_alert(), make_alert(status="RESOLVED", resolved_at="2026-02-19T07:00Z")],
    )
    assert "Rien n’a été modifié : alerte déjà résolue par le système" in said[0]
    assert said[1] == "Alertes modifiées : 1 sur 2."


def test_everything_that_matches_can_be_chosen_at_once_up_to_a_limit(triage, make_alert):
    for _ in range(3):
        make_alert()
    triage("acknowledge_selected", [make_alert()], select_across=1)
    assert statuses() == ["ACK"] * 4
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message)"
            " SELECT 'X', 'WARN', 'CDR', gen_random_uuid(), 'm' FROM generate_series(1, 200)"
        )
    _, said = triage("resolve_selected", [make_alert()], select_across=1)
    assert said[-1].startswith("Au plus 200 alertes à la fois : rien n’a été modifié.")
    assert "RESOLVED" not in statuses()


@pytest.mark.parametrize("selected", ["pas-un-uuid", "\x00", "1"])
def test_an_odd_selection_changes_nothing(triage, make_alert, selected):
    make_alert()
    response, _ = triage("acknowledge_selected", [selected])
    assert response.status_code in (302, 400)
    assert statuses() == ["OPEN"]


def test_pca_has_no_action_even_when_forged(pca, client_of, make_alert):
    client, alert_id = client_of(pca), make_alert()
    assert "acknowledge_selected" not in client.get(URL).text
    client.post(URL, {"action": "acknowledge_selected", "_selected_action": [alert_id]})
    assert statuses() == ["OPEN"]


@pytest.mark.parametrize("action", ["delete_selected", "inconnue", ""])
def test_there_is_no_other_action(triage, make_alert, action):
    triage(action, [make_alert()])
    assert statuses() == ["OPEN"]


@pytest.mark.parametrize("path", ["add/", "{id}/delete/", "{id}/history/"])
def test_there_is_no_page_to_add_delete_or_edit(admin, client_of, make_alert, path):
    alert_id = make_alert()
    client = client_of(admin)
    assert client.get(URL + path.format(id=alert_id)).status_code == 404
    assert client.get(f"{URL}{alert_id}/change/").url == f"/governance/integrity/{alert_id}/"


@pytest.mark.parametrize(
    "query",
    [
        "?first_detected_at__year=abc",
        "?first_detected_at__year=999999999",
        "?status__exact=%27",
        "?p=999999999",
        "?p=abc",
        "?o=99.x",
        "?inconnu=1",
        "?id__exact=1",
        "?q=%00",
        "?all=1",
        "?first_detected_at__day=99",
        "?first_detected_at__gte=x",
        "?_facets=True",
        "?entity_id__exact=zzz",
        "?first_detected_at__month=13&first_detected_at__year=2026",
        "?e=1",
        "?q=%ED%A0%80",
    ],
)
def test_an_odd_query_string_is_never_a_500(directeur, client_of, make_alert, query):
    make_alert()
    assert client_of(directeur).get(URL + query).status_code in (200, 302, 400)


def test_the_admin_home_shows_alerts_to_a_directeur_and_users_to_an_admin_only(
    directeur, admin, client_of
):
    assert "/admin/mlpp_gov/user/" not in client_of(directeur).get("/admin/").text
    assert "/admin/mlpp_gov/user/" in client_of(admin).get("/admin/").text


def test_a_selection_is_assigned_to_the_person_chosen_next(
    triage, make_alert, directeur, admin, client_of
):
    alerts = [make_alert(), make_alert()]
    response, _ = triage("assign_selected", alerts)
    assert response.status_code == 200
    assert all(str(alert) in response.text for alert in alerts)
    assert str(admin) in response.text
    client_of(directeur).post(
        "/governance/alerts/selection/",
        {"action": "assign", "assignee": admin.pk, "alert": alerts},
    )
    with as_owner() as cursor:
        cursor.execute("SELECT DISTINCT assignee FROM gouvernance.alert_assignments")
        assert cursor.fetchall() == [(admin.supabase_user_id,)]


def test_the_journal_says_that_it_was_done_in_the_administration(triage, make_alert):
    triage("acknowledge_selected", [make_alert()])
    with as_owner() as cursor:
        cursor.execute("SELECT source FROM gouvernance.alert_events WHERE kind = 'acknowledged'")
        assert cursor.fetchall() == [("admin",)]
