"""What became of each message: read by everybody who governs, sent again by an administrator."""

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrity.notifications import actions
from mlpp_gov.calls import InvalidInput
from mlpp_gov.roles import SpokenRefusal
from tests.database import as_owner
from tests.integrity.notifications.conftest import PAGE, rows

LIST = f"{PAGE}messages/"


@pytest.fixture
def reader(directeur, client_of):
    return client_of(directeur)


def state_of(message):
    return rows("SELECT state FROM gouvernance.notification_messages WHERE id = %s", message)[0][0]


def test_without_any_message_the_page_says_so(reader):
    assert "Aucun message n’a encore été préparé." in reader.get(LIST).text
    assert "Aucun message dans cet état." in reader.get(f"{LIST}?state=unknown").text


def test_a_message_is_shown_with_each_of_its_attempts(reader, make_message, pca):
    make_message("Le service a refusé le message (HTTP 500).", None, state="sent", subject="Stock")
    make_message(recipient=f"person:{pca.pk}", check_code="STOCK_NEGATIF")
    text = reader.get(LIST).text
    assert "échec\u00a0: Le service a refusé le message (HTTP 500)." in text
    assert "Canal astreinte" in text
    assert str(pca) in text
    assert "Nouvelle alerte\u00a0: Stock négatif" in text, "no subject before it is sent"
    assert text.index("Stock négatif") < text.index("HTTP 500"), "the latest first"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("waiting", "En attente"),
        ("sending", "Envoi en cours"),
        ("sent", "Envoyé"),
        ("given_up", "Abandonné"),
        ("unknown", "Issue inconnue"),
        ("void", "Sans objet"),
    ],
)
def test_messages_are_filtered_by_state(reader, make_message, state, said):
    for each in ("waiting", "sending", "sent", "given_up", "unknown", "void"):
        make_message(state=each, subject=f"sujet-{each}")
    response = reader.get(f"{LIST}?state={state}")
    assert [message.state_text for message in response.context["messages_shown"]] == [said]
    assert f"sujet-{state}" in response.text


def test_the_page_of_a_message_holds_its_text_as_sent(reader, make_message, admin):
    message = make_message(
        None,
        state="sent",
        subject="Stock <négatif>",
        body="TANK3 & autres\nhttps://gouvernance.example.org/",
        requested_by=admin.supabase_user_id,
    )
    text = reader.get(f"{LIST}{message}/").text
    assert "Stock &lt;négatif&gt;" in text
    assert "TANK3 &amp; autres\nhttps://gouvernance.example.org/" in text
    assert str(admin) in text
    assert "Renvoyer" not in text


def test_a_message_leads_back_to_the_list_it_was_found_in(reader, make_message):
    message = make_message(state="void")
    found = f"{LIST}{message}/?state=void"
    assert f'href="{found}"' in reader.get(f"{LIST}?state=void").text
    assert f'<a href="{LIST}?state=void">' in reader.get(found).text
    assert f'<a href="{LIST}">' in reader.get(f"{LIST}{message}/?state=x&page=0").text


def test_who_reads_english_reads_why_but_what_was_sent_stays_french(
    directeur, client_of, make_message
):
    directeur.language = "en"
    directeur.save()
    message = make_message(
        "Le service a refusé le message (HTTP 500).",
        "Cette personne n’a pas d’adresse e-mail.",
        state="given_up",
        subject="Stock négatif",
        body="Rien n’est à faire.",
    )
    text = client_of(directeur).get(f"{LIST}{message}/").text
    assert "failed: The service refused the message (HTTP 500)." in text
    assert "failed: This person has no e-mail address." in text
    assert '<h1 lang="fr">Stock négatif</h1>' in text
    assert 'lang="fr">Rien n’est à faire.</pre>' in text


def test_an_attempt_that_was_cut_short_says_that_nobody_knows(reader, make_message):
    message = make_message(state="unknown")
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO gouvernance.notification_attempts (message, started_at) VALUES (%s, now())",
            [message],
        )
    text = reader.get(f"{LIST}{message}/").text
    assert "en cours, ou interrompu" in text
    assert "peut-être arrivé" in text


def test_who_is_gone_is_not_named(reader, make_message):
    make_message(recipient="person:999999999999999999")
    assert "une personne inconnue" in reader.get(LIST).text


@pytest.mark.parametrize("message", ["0", "999999", "9223372036854775808", "9" * 60])
def test_a_message_that_is_not_there_is_a_404(reader, act, message):
    assert reader.get(f"{LIST}{message}/").status_code == 404
    response, (said,) = act(f"messages/{message}/resend/")
    assert response.url == LIST
    assert "Rien n’a été renvoyé" in said


@pytest.mark.parametrize("state", ["given_up", "unknown"])
def test_an_administrator_sends_again_what_did_not_leave(
    act, admin, client_of, make_message, state
):
    message = make_message("Le service n’a pas répondu en 10\u00a0s.", state=state)
    assert "Renvoyer" in client_of(admin).get(LIST).text
    response, (said,) = act(f"messages/{message}/resend/")
    assert response.url == f"{LIST}{message}/"
    assert "va repartir" in said
    assert state_of(message) == "waiting"
    response, said = act(f"messages/{message}/resend/")
    assert "n’attend pas d’être renvoyé" in said[-1], "the second click of a double click"


@pytest.mark.parametrize("state", ["waiting", "sending", "sent", "void"])
def test_what_left_or_waits_is_not_sent_again(act, make_message, state):
    message = make_message(state=state)
    _, (said,) = act(f"messages/{message}/resend/")
    assert "n’attend pas d’être renvoyé" in said
    assert state_of(message) == state


def test_others_do_not_send_again_even_past_the_page(act, directeur, pca, reader, make_message):
    message = make_message(state="given_up")
    assert "Renvoyer" not in reader.get(f"{LIST}{message}/").text
    for person in (directeur, pca):
        assert act(f"messages/{message}/resend/", who=person)[0].status_code == 403
        with pytest.raises(SpokenRefusal, match="administrateur"):
            actions.resend(message, actor=person)
    assert state_of(message) == "given_up"


def test_ten_thousand_messages_are_paged_with_as_many_queries_as_one(reader, make_message):
    make_message("raison", None, recipient="person:1")
    with CaptureQueriesContext(connection) as few:
        reader.get(LIST)
    with as_owner() as cursor:
        cursor.execute(
            "WITH planted AS ("
            " INSERT INTO gouvernance.notification_messages (topic, recipient, state)"
            " SELECT 'opened', CASE WHEN n % 2 = 0 THEN 'person:' || n ELSE 'channel:astreinte' END,"
            " 'sent' FROM generate_series(1, 9999) AS n RETURNING id)"
            " INSERT INTO gouvernance.notification_attempts"
            " (message, started_at, finished_at, outcome) SELECT id, now(), now(), 'sent' FROM planted"
        )
    with CaptureQueriesContext(connection) as many:
        response = reader.get(LIST)
    assert len(many) == len(few)
    assert "Page 1 sur 200" in response.text
    assert len(response.context["messages_shown"]) == 50
    last = reader.get(f"{LIST}?page=1000000000")
    assert "Page 200 sur 200" in last.text
    assert f"{LIST}?page=199" in last.text
    with CaptureQueriesContext(connection) as overview:
        reader.get(PAGE)
    assert len(overview) <= 17


@pytest.mark.parametrize(
    "query", ["state=perdu", "page=0", "page=-1", "page=x", "page=1e3", "page=" + "9" * 500]
)
def test_an_odd_query_is_refused_in_french(reader, query):
    response = reader.get(f"{LIST}?{query}")
    assert response.status_code == 400
    assert "inconnu" in response.text


VALUES = st.one_of(
    st.text(max_size=50), st.integers().map(str), st.sampled_from(["\x00", "%00", "'", "sent", "1"])
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pairs=st.lists(st.tuples(st.sampled_from(["state", "page", "x"]), VALUES), max_size=4))
def test_any_query_answers_200_or_400(reader, pairs):
    query = urlencode(pairs, errors="surrogatepass")
    assert reader.get(f"{LIST}?{query}").status_code in (200, 400), query


def test_who_has_no_profile_reads_no_message(directeur, client_of, make_message):
    message = make_message(subject="Stock")
    with as_owner() as cursor:
        cursor.execute("DELETE FROM public.profils")
    for path in (PAGE, LIST, f"{LIST}{message}/"):
        response = client_of(directeur).get(path)
        assert response.status_code == 403
        assert "aucun profil ML_PP" in response.text


def test_the_database_takes_no_message_out_of_its_state(admin, make_message):
    with pytest.raises(InvalidInput, match="renvoyé"):
        actions.resend(make_message(state="sent"), actor=admin)
