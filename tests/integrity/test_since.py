"""What a person missed: when they were last here, and what happened to alerts since."""

from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from alerts import transitions
from alerts.news import COUNTED, News
from mlpp_gov import visits
from mlpp_gov.identity import db_identity
from mlpp_gov.models import User
from mlpp_gov.visits import OFTEN, SILENCE
from tests.database import as_owner

LIST = "/governance/integrity/"
URL = f"{LIST}since/"
YESTERDAY = timedelta(hours=26)


def stay(person, *, seen, previous=None):
    """Set how long ago they were last seen, and when their visit before that ended."""
    now = timezone.now()
    User.objects.filter(pk=person.pk).update(
        last_seen_at=now - seen, previous_visit_ended_at=now - previous if previous else None
    )


def visit(person):
    """How long ago they were last seen and their previous visit ended, to the minute."""
    person.refresh_from_db()
    moments = (person.last_seen_at, person.previous_visit_ended_at)
    return tuple(m and round((timezone.now() - m) / timedelta(minutes=1)) for m in moments)


def happen(alert, kind, *, ago, actor=None, source=None, **details):
    """An event of the journal, as old as said."""
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO gouvernance.alert_events (alert_id, period, kind, source, actor, details, at)"
            " VALUES (%s, 1, %s, %s, %s, %s, now() - %s)",
            [
                alert,
                kind,
                source or ("person" if actor else "sync"),
                actor and actor.supabase_user_id,
                psycopg.types.json.Jsonb(details),
                ago,
            ],
        )


@pytest.fixture
def back(directeur, client_of):
    """A directeur who comes back after a day; returns their client."""
    client = client_of(directeur)
    stay(directeur, seen=YESTERDAY)
    return client


@pytest.fixture
def old_alert(make_alert):
    """Plant an alert detected long before anybody's last visit."""

    def plant(**columns):
        return make_alert(first_detected_at=timezone.now() - timedelta(days=9), **columns)

    return plant


def test_a_visit_goes_on_until_half_an_hour_of_silence(directeur, client_of):
    client = client_of(directeur)
    assert visit(directeur) == (0, None)  # signing in is being here
    for seen, expected in ((29, (0, 600)), (31, (0, 31))):
        stay(directeur, seen=timedelta(minutes=seen), previous=timedelta(hours=10))
        client.get("/account/")
        assert visit(directeur) == expected


def test_one_write_in_a_while_and_a_second_tab_finds_it_done(
    directeur, client_of, django_assert_num_queries
):
    stay(directeur, seen=SILENCE + OFTEN, previous=timedelta(days=3))
    first, second = (User.objects.get(pk=directeur.pk) for _ in range(2))
    visits.note_visit(first)
    visits.note_visit(second)
    assert visit(directeur) == (0, 33)
    assert first.previous_visit_ended_at == second.previous_visit_ended_at
    with django_assert_num_queries(0):
        visits.note_visit(first)
    stay(directeur, seen=OFTEN - timedelta(seconds=30))
    before = User.objects.get(pk=directeur.pk).last_seen_at
    client_of(directeur).get(LIST)
    assert User.objects.get(pk=directeur.pk).last_seen_at == before


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.head(LIST),
        lambda client: client.options(LIST),
        lambda client: client.get(LIST, headers={"X-Refresh": "1", "HX-Request": "true"}),
        lambda client: client.get("/health/live"),
    ],
    ids=["head", "options", "refresh", "health"],
)
def test_what_nobody_asked_for_is_no_visit(directeur, back, ask):
    assert ask(back).status_code in (200, 405)
    assert visit(directeur) == (26 * 60, None)


def test_two_people_have_their_own_visits_and_leave_out_their_own_acts(
    directeur, admin, client_of, old_alert
):
    alert = old_alert()
    clients = {person: client_of(person) for person in (directeur, admin)}
    for person in clients:
        stay(person, seen=YESTERDAY)
    transitions.acknowledge(alert, actor=directeur, version=None)
    assert "rien de nouveau" in clients[directeur].get(LIST).text
    assert visit(admin) == (26 * 60, None)
    text = clients[admin].get(LIST).text
    assert "1 acquittée" in text
    assert f'href="{URL}"' in text
    page = clients[admin].get(URL).text
    assert "Acquittée" in page
    assert str(directeur) in page


def test_the_line_counts_what_happened_and_the_page_tells_it_alert_by_alert(
    back, old_alert, make_alert, admin
):
    make_alert(severity="CRITICAL", message="la nouvelle")
    make_alert(message="l’autre nouvelle")
    seen, worse, again, closed = (
        old_alert(message=text) for text in ("vue", "pire", "re", "finie")
    )
    hour = timedelta(hours=1)
    grave = {"severity": "CRITICAL", "severity_before": "WARN", "message": "pire"}
    happen(seen, "opened", ago=YESTERDAY + hour)
    happen(worse, "refreshed", ago=hour, **grave)
    happen(worse, "refreshed", ago=hour, **{**grave, "severity_before": "CRITICAL"})
    happen(again, "resolved", ago=3 * hour, outcome="gone")
    happen(again, "reopened", ago=2 * hour, after="gone", **grave)
    happen(
        closed,
        "accepted",
        ago=5 * hour,
        actor=admin,
        reason="perte_reelle",
        until="2099-01-31T12:00:00Z",
    )
    happen(seen, "note", ago=hour, actor=admin, text="une note")
    happen(seen, "opened", ago=hour, source="import")

    response = back.get(LIST)
    assert str(response.context["news"]) == (
        "2 nouvelles, dont 1 CRITICAL · 1 rouverte · 1 aggravée · 1 résolue · 1 acceptée"
    )
    page = back.get(URL)
    assert "(5) Depuis votre dernière visite" in page.text
    moved = page.context["page"].object_list
    assert [[entry.text for entry in alert.entries] for alert in moved][2:] == [
        ["Sévérité WARN → CRITICAL"],
        ["Rouverte : la cause est revenue", "Résolue : la cause a disparu"],
        [moved[4].entries[0].text],
    ]
    assert {alert.alert.message for alert in moved[:2]} == {"la nouvelle", "l’autre nouvelle"}
    assert moved[4].entries[0].text.startswith("Acceptée jusqu’au 31")
    assert moved[4].entries[0].who == str(admin)
    assert "retour=%2Fgovernance%2Fintegrity%2Fsince%2F" in moved[0].url


def test_a_first_visit_says_so_and_invents_nothing(client_of, pca, make_alert):
    make_alert(message="la seule")
    client = client_of(pca)
    response = client.get(LIST)
    assert "Votre première visite" in response.text
    assert response.context["news"] is None
    page = client.get(URL).text
    assert "C’est votre première visite." in page
    assert "la seule" not in page


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=abc", f"page={'9' * 5000}", "page=99"]
)
def test_an_odd_page_shows_one_that_there_is(back, make_alert, query):
    for _ in range(27):
        make_alert()
    response = back.get(f"{URL}?{query}")
    assert response.status_code == 200
    assert response.context["page"].number == (2 if query == "page=99" else 1)
    assert len(response.context["page"].object_list) == (2 if query == "page=99" else 25)


def test_after_months_it_is_only_said_to_be_more_and_one_alert_does_not_fill_the_page(
    back, old_alert
):
    alert = old_alert()
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO gouvernance.alert_events (alert_id, period, kind, source, details, at)"
            " SELECT %s, 1, 'resolved', 'sync', '{}', now() - interval '1 hour'"
            " FROM generate_series(0, %s)",
            [alert, COUNTED],
        )
    assert "plus de 2000 changements" in back.get(LIST).text.replace("\u202f", "").replace(
        "\xa0", ""
    )
    (moved,) = back.get(URL).context["page"].object_list
    assert (len(moved.entries), moved.left_out) == (5, COUNTED - 4)


def test_a_visit_that_cannot_be_written_breaks_no_page(back, directeur):
    with as_owner() as cursor:
        cursor.execute("REVOKE UPDATE ON gouvernance.mlpp_gov_user FROM mlpp_gov_app")
    assert back.get(LIST).status_code == 200
    assert visit(directeur) == (26 * 60, None)


def test_a_row_saved_late_does_not_bring_an_old_visit_back(directeur):
    stay(directeur, seen=timedelta(0), previous=SILENCE)
    directeur.save()  # read before
    assert visit(directeur) == (0, 30)


def test_the_database_itself_keeps_visits_and_news_from_others(directeur, gerant, make_alert):
    make_alert()
    for sql in (
        "UPDATE gouvernance.mlpp_gov_user SET last_seen_at = now()",
        "SELECT last_seen_at FROM gouvernance.mlpp_gov_user",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            db_identity(directeur),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    for person, told in ((directeur, 1), (gerant, 0)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('role', 'authenticated', true),"
                " set_config('request.jwt.claims', %s, true)",
                [f'{{"sub": "{person.supabase_user_id}"}}'],
            )
            cursor.execute("SELECT count(*) FROM gouvernance.news_since(now() - interval '1 h', 9)")
            assert cursor.fetchone() == (told,)
            cursor.execute("SELECT set_config('role', 'none', true)")
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT gouvernance.news_since(now(), 9)")  # the login's own hands


def test_the_number_of_queries_is_bounded(back, make_alert, django_assert_max_num_queries):
    for _ in range(30):
        make_alert()
    back.get("/account/")
    for address in (LIST, URL):
        with django_assert_max_num_queries(11):  # 8; the savepoint and the reset of a test
            back.get(address)


@pytest.mark.parametrize(
    ("news", "said"),
    [
        (News(), "rien de nouveau"),
        (News(events=1, opened=1), "1 nouvelle"),
        (
            News(events=3, opened=2, critical=2, resolved=1),
            "2 nouvelles, dont 2 CRITICAL · 1 résolue",
        ),
    ],
)
def test_the_line_reads_like_a_sentence(news, said):
    assert str(news) == said
