"""Resolve honestly, accept, note, assign, and all of it on a selection."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from alerts import transitions
from alerts.models import Alert, AlertEvent, Assignment
from alerts.sync import sync_alerts
from mlpp_gov.identity import db_identity
from tests.database import as_owner

LIST = "/governance/integrity/"
TOMORROW = (timezone.localdate() + timedelta(days=1)).isoformat()


@pytest.fixture
def present(stale_truck):
    """Id of an open alert whose cause is in the live view."""
    sync_alerts()
    with as_owner() as cursor:
        cursor.execute("SELECT id FROM public.system_alerts WHERE entity_id = %s", [stale_truck])
        return cursor.fetchone()[0]


@pytest.fixture
def post(directeur, client_of):
    """POST as a directeur; returns (response, texts of the messages)."""
    client = client_of(directeur)

    def act(path, data=None, **headers):
        response = client.post(f"/governance/alerts/{path}", data or {}, headers=headers)
        return response, [str(message) for message in get_messages(response.wsgi_request)]

    return act


def read(person, alert_id):
    with db_identity(person):
        return Alert.objects.with_handling().get(pk=alert_id)


def decide(post, alert_id, **data):
    return post(f"{alert_id}/resolve/", data)


def test_resolving_a_cause_that_is_still_there_leads_to_the_decision(post, present, directeur):
    seen = read(directeur, present).version
    response, said = post(f"{present}/resolve/?version={seen}", {"next": f"{LIST}?severity=WARN"})
    assert response.status_code == 302
    assert response.url.startswith(f"/governance/alerts/{present}/resolve/?version={seen}&next=")
    assert said == []
    assert read(directeur, present).status == "OPEN"


def test_with_htmx_the_whole_page_goes_to_the_decision(post, present):
    response, _ = post(f"{present}/resolve/", hx_request="true")
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith(f"/governance/alerts/{present}/resolve/")


def test_a_claim_is_said_to_await_its_verification(post, present, directeur):
    _, said = decide(post, present, intent="claim")
    assert "en attente de vérification" in said[0]
    assert read(directeur, present).outcome == "claimed"


def test_terms_left_over_from_an_acceptance_do_not_hinder_a_claim(post, present, directeur):
    decide(post, present, intent="claim", until="2020-01-01", reason="n’importe", margin="-1")
    assert read(directeur, present).outcome == "claimed"


def test_the_assignment_opens_on_the_person_who_has_the_alert(
    post, make_alert, directeur, admin, client_of
):
    alert_id = make_alert()
    post(f"{alert_id}/assign/", {"assignee": admin.pk})
    form = client_of(directeur).get(f"{LIST}{alert_id}/").context["assignment_form"]
    assert form.initial["assignee"] == admin.pk


def test_an_acceptance_is_kept_counted_and_found_under_its_own_filter(
    post, present, directeur, client_of
):
    decide(post, present, intent="accept", reason="saisie_tardive", until=TOMORROW, comment="vu")
    assert read(directeur, present).accepted_until.date() >= timezone.now().date()
    page = client_of(directeur).get(LIST, {"status": "accepted"})
    assert page.context["counters"]["accepted"] == 1
    (row,) = page.context["page"].object_list
    assert row.state_text.startswith(f"Acceptée par {directeur} jusqu’au ")
    assert client_of(directeur).get(LIST).context["counters"]["accepted"] == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "reason"),
        ({"reason": "autre", "until": TOMORROW, "comment": ""}, "comment"),
        ({"reason": "autre", "until": TOMORROW, "comment": "   "}, "comment"),
        ({"reason": "faux_positif"}, "until"),
        ({"reason": "faux_positif", "until": "2020-01-01"}, "until"),
        ({"reason": "faux_positif", "until": "9999-12-31"}, "until"),
        ({"reason": "faux_positif", "until": "demain"}, "until"),
        ({"reason": "parce que", "until": TOMORROW}, "reason"),
        ({"reason": "faux_positif", "until": TOMORROW, "margin": "-1"}, "margin"),
        ({"reason": "faux_positif", "until": TOMORROW, "comment": "x" * 2001}, "comment"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_what_was_typed_stays(
    post, present, directeur, data, field
):
    data = {"comment": "déjà écrit", **data}
    response, _ = decide(post, present, intent="accept", **data)
    assert response.status_code == 400
    assert field in response.context["form"].errors
    if data["comment"].strip():
        assert data["comment"] in response.text
    assert read(directeur, present).status == "OPEN"


def test_an_unknown_decision_is_a_field_error(post, present):
    response, _ = decide(post, present, intent="effacer")
    assert response.status_code == 400
    assert "intent" in response.context["form"].errors


def test_a_stale_page_is_refused_with_what_happened_meanwhile(post, directeur, present):
    seen = read(directeur, present).version
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE public.system_alerts SET severity = 'CRITICAL' WHERE id = %s", [present]
        )
    _, said = post(f"{present}/ack/?version={seen}")
    assert said[0].startswith("Rien n’a été modifié : l’alerte a changé depuis votre lecture.")
    assert "Sévérité WARN → CRITICAL" in said[0]
    assert read(directeur, present).status == "OPEN"


@pytest.mark.parametrize("version", ["abc", "-1", "9" * 30, "1.5", "\u0661"])
def test_a_version_that_is_none_is_ignored(post, make_alert, directeur, version):
    alert_id = make_alert()
    response, _ = post(f"{alert_id}/ack/?version={version}")
    assert response.status_code == 302
    assert read(directeur, alert_id).status == "ACK"


def test_a_note_is_kept_with_its_author(post, make_alert, directeur):
    alert_id = make_alert()
    _, said = post(f"{alert_id}/note/", {"text": "Jauge demandée au dépôt"})
    assert said == ["Note ajoutée."]
    with db_identity(directeur):
        event = AlertEvent.objects.filter(alert=alert_id).latest("id")
    assert (event.kind, event.details["text"]) == ("note", "Jauge demandée au dépôt")
    assert event.actor == directeur.supabase_user_id


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_an_empty_or_endless_note_is_a_field_error(post, make_alert, text):
    response, _ = post(f"{make_alert()}/note/", {"text": text})
    assert response.status_code == 400
    assert "text" in response.context["form"].errors


def test_an_alert_is_handed_to_a_person_and_taken_back(post, make_alert, directeur, admin):
    alert_id = make_alert()
    _, said = post(f"{alert_id}/assign/", {"assignee": admin.pk})
    assert said == [f"Alerte confiée à {admin}."]
    assert read(directeur, alert_id).assignee == admin.supabase_user_id
    post(f"{alert_id}/assign/", {"assignee": ""})
    with db_identity(directeur):
        assert not Assignment.objects.filter(alert=alert_id).exists()


def test_an_alert_is_not_handed_to_somebody_who_may_not_handle_it(post, make_alert, pca, directeur):
    alert_id = make_alert()
    response, _ = post(f"{alert_id}/assign/", {"assignee": pca.pk})
    assert response.status_code == 400
    with pytest.raises(transitions.InvalidInput, match="administrateur ou à un directeur"):
        transitions.assign(alert_id, actor=directeur, assignee=pca)


def test_a_selection_gives_one_line_per_alert(post, make_alert, present, directeur):
    done = make_alert(message="à faire")
    taken = make_alert(message="déjà prise", status="RESOLVED", resolved_at=timezone.now())
    response, _ = post(
        "selection/",
        {
            "action": "resolve",
            "alert": [str(done), f"{taken}:", str(present), str(done)[:-1] + "0"],
        },
    )
    verdicts = [result.verdict.name for result in response.context["results"]]
    assert verdicts[:3] == ["DONE", "CONFLICT", "STILL_PRESENT"]
    assert verdicts[3] in ("REFUSED", "CONFLICT")
    assert read(directeur, done).status == "RESOLVED"
    assert read(directeur, present).status == "OPEN"


def test_a_selection_can_be_handed_to_a_person(post, make_alert, directeur, admin):
    alerts = [make_alert(), make_alert()]
    post("selection/", {"action": "assign", "assignee": admin.pk, "alert": alerts})
    assert {read(directeur, alert).assignee for alert in alerts} == {admin.supabase_user_id}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"action": "acknowledge"}, "Choisissez au moins une alerte."),
        ({"alert": ["00000000-0000-0000-0000-000000000000"]}, "Choisissez une action."),
        ({"action": "acknowledge", "alert": ["abc"]}, "La sélection est illisible"),
        (
            {"action": "acknowledge", "alert": ["00000000-0000-0000-0000-000000000000:x"]},
            "illisible",
        ),
        (
            {"action": "acknowledge", "alert": [f"00000000-0000-0000-0000-000000000000:{10**30}"]},
            "illisible",
        ),
        (
            {"action": "acknowledge", "alert": ["00000000-0000-0000-0000-000000000000"] * 201},
            "Choisissez 200 alertes au plus",
        ),
    ],
)
def test_an_odd_selection_is_said_and_changes_nothing(post, make_alert, data, said):
    response, texts = post("selection/", data)
    assert response.status_code == 302
    assert said in texts[0]


def test_the_detail_tells_the_whole_story_newest_first(
    post, present, directeur, client_of, stale_truck
):
    decide(post, present, intent="claim")
    sync_alerts()
    post(f"{present}/note/", {"text": "relance"})
    entries = client_of(directeur).get(f"{LIST}{present}/").context["history"]
    assert [(entry.period, entry.text) for entry in entries] == [
        (2, "Note"),
        (2, "Rouverte : la vérification a retrouvé la cause"),
        (1, "Déclarée corrigée, en attente de vérification"),
        (1, "Détectée"),
    ]
    assert [entry.who for entry in entries] == [
        str(directeur),
        "le système",
        str(directeur),
        "le système",
    ]
