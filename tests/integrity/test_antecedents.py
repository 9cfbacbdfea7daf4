"""What went before an alert, and the alerts that come and go."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from alerts.models import UNSTABLE_FROM
from tests.database import as_owner

LIST = "/governance/integrity/"


@pytest.fixture
def open_page(directeur, client_of):
    client = client_of(directeur)
    return lambda path="", **params: client.get(f"{LIST}{path}", params)


def set_periods(alert_id, *days_ago, **last):
    """Give an alert one period of an hour started each so many days ago, the last one still open.

    `last` are columns of the last but one.
    """
    with as_owner() as cursor:
        cursor.execute("DELETE FROM gouvernance.alert_periods WHERE alert_id = %s", [alert_id])
        previous_end = None
        for number, days in enumerate(days_ago, start=1):
            start = timezone.now() - timedelta(days=days)
            closed = number < len(days_ago)
            end = start + timedelta(hours=1) if closed else None
            values = {
                "alert_id": alert_id,
                "number": number,
                "previous_ended_at": previous_end,
                "severity": "WARN",
                "started_at": start,
                "ended_at": end,
                "outcome": "gone" if closed else None,
            }
            if number == len(days_ago) - 1:
                values |= last
            cursor.execute(
                f"INSERT INTO gouvernance.alert_periods ({', '.join(values)})"
                f" VALUES ({', '.join(['%s'] * len(values))})",
                list(values.values()),
            )
            previous_end = end


def test_a_first_detection_has_no_antecedents(open_page, make_alert):
    text = open_page(f"{make_alert()}/").text
    assert "C’est la première fois que cette anomalie est détectée" in text


@pytest.mark.parametrize("page", ["", "evidence/"])
def test_the_last_time_is_told_in_words_with_the_count_of_ninety_days(open_page, make_alert, page):
    alert_id = make_alert()
    set_periods(alert_id, 200, 60, 20, 10)
    response = open_page(f"{alert_id}/{page}")
    assert response.context["antecedents"].recent == 3
    ended = timezone.localtime(timezone.now() - timedelta(days=20) + timedelta(hours=1))
    assert "3 détections en 90" in response.text
    last = response.context["endings"][0]
    assert last.startswith(f"résolue par le système le {ended.day} ")
    assert last.endswith(", cause disparue")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("gone", ", cause disparue"),
        ("fixed", ", disparition vérifiée"),
        ("claimed", ", sans preuve de disparition"),
        ("accepted", ", cause toujours là"),
    ],
)
def test_each_ending_has_its_words_and_its_person(open_page, make_alert, admin, outcome, words):
    alert_id = make_alert()
    set_periods(alert_id, 5, 1, outcome=outcome, ended_by=admin.supabase_user_id)
    (ending,) = open_page(f"{alert_id}/").context["endings"]
    assert f"par {admin} le" in ending
    assert ending.endswith(words)


def test_other_alerts_of_the_same_tank_are_shown_five_at_most_active_first(open_page, make_alert):
    tank = uuid4()
    payload = f'{{"citerne_id": "{tank}"}}'
    this = make_alert(entity_type="CITERNE_STOCK", entity_id=tank, check_code="STOCK_NEGATIF")
    make_alert(entity_type="RECEPTION", payload=payload, status="RESOLVED", message="réglée")
    for number in range(5):
        make_alert(entity_type="RECEPTION", payload=payload, message=f"réception {number}")
    make_alert(message="sans rapport")
    others = open_page(f"{this}/").context["antecedents"].others
    assert sorted(other.message for other in others) == [f"réception {n}" for n in range(5)]


def test_other_alerts_of_the_same_plate_lead_to_a_search_of_the_list(open_page, make_alert):
    payload = '{"plaque_camion": "1234AB01"}'
    this = make_alert(payload=payload, message="Camion 1234AB01 : arrivé")
    make_alert(entity_type="SORTIE", payload=payload, message="Sortie, camion 1234AB01")
    response = open_page(f"{this}/")
    assert [other.message for other in response.context["antecedents"].others] == [
        "Sortie, camion 1234AB01"
    ]
    url = response.context["antecedents"].plate_search_url
    assert url == f"{LIST}?q=1234AB01&status=all"
    assert open_page(url.removeprefix(LIST)).context["counters"]["total"] == 2


def test_from_three_periods_in_seven_days_an_alert_is_unstable(open_page, make_alert):
    calm, nervous = make_alert(message="calme"), make_alert(message="nerveuse")
    set_periods(calm, 30, 8, 6, 1)  # two within the week
    set_periods(nervous, 8, 6, 5, 2, 1)
    texts = {row.alert.id: row.unstable_text for row in open_page().context["page"].object_list}
    assert texts == {calm: "", nervous: "Instable\u00a0: 4 périodes en 7\u00a0jours"}
    assert "Instable" not in open_page(f"{calm}/").text
    assert "Instable" in open_page(f"{nervous}/").text
    assert UNSTABLE_FROM == 3


def test_a_flapping_cause_makes_its_alert_unstable(open_page, make_alert):
    alert_id = make_alert()
    with as_owner() as cursor:
        for status in ("RESOLVED", "OPEN", "RESOLVED", "OPEN"):
            cursor.execute(
                "UPDATE public.system_alerts SET status = %s,"
                " resolved_at = CASE WHEN %s = 'RESOLVED' THEN now() END WHERE id = %s",
                [status, status, alert_id],
            )
    (row,) = open_page().context["page"].object_list
    assert row.unstable_text == "Instable\u00a0: 3 périodes en 7\u00a0jours"
