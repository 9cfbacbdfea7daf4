"""What each kind of visitor may try at the door and behind it: nothing gets through, and every try is
in the journal."""

import re
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from mlpp_gov.models import User
from tests import business
from tests.database import as_owner

LIST, ACTS = "/governance/integrity/", "/governance/alerts/"
SCRIPT = "<script>alert(1)</script>"
IMAGE = "\"><img src=x onerror='alert(1)'>"
MULTIPART = "multipart/form-data; boundary=x"


@pytest.fixture
def events(written):
    """Names and reasons of what the journal holds but the sign-ins."""

    def read():
        rows = [(row["event"], row["reason"]) for row in written()]
        return [row for row in rows if row[0] != "authn_login_success"]

    return read


@pytest.fixture
def state_of(db):
    """(status, severity, message, who acknowledged, who resolved, assignee) of an alert."""

    def read(alert):
        with as_owner() as cursor:
            cursor.execute(
                "SELECT status, severity, message, acknowledged_by, resolved_by, ("
                " SELECT assignee FROM gouvernance.alert_assignments WHERE alert_id = a.id)"
                " FROM public.system_alerts AS a WHERE id = %s",
                [alert],
            )
            return cursor.fetchone()

    return read


@pytest.mark.parametrize("role", ["gerant", "operateur", "lecture", "pca"])
@pytest.mark.parametrize("act", ["ack", "resolve", "note", "assign"])
def test_knowing_the_address_of_an_alert_gives_no_right_on_it(
    request, role, act, client_of, make_alert, state_of, events
):
    alert = make_alert()
    before = state_of(alert)
    form = {"version": "1", "text": "à moi", "intent": "claim", "assignee": "1"}
    answer = client_of(request.getfixturevalue(role)).post(f"{ACTS}{alert}/{act}/", form)
    assert answer.status_code == 403
    assert state_of(alert) == before
    assert ("authz_fail", "role") in events()


def test_a_stranger_is_sent_to_the_sign_in_and_noted(make_alert, state_of, events):
    alert = make_alert()
    before = state_of(alert)
    answer = Client().post(f"{ACTS}{alert}/ack/")
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/login/")
    assert state_of(alert) == before
    assert ("authz_fail", "anonymous") in events()


def test_fields_that_a_form_does_not_have_change_nothing(
    directeur, admin, client_of, make_alert, state_of
):
    alert = make_alert()
    forged = {
        "status": "RESOLVED",
        "severity": "INFO",
        "message": "rien",
        "acknowledged_by": str(admin.supabase_user_id),
        "resolved_by": str(admin.supabase_user_id),
        "actor": str(admin.pk),
        "source": "sync",
    }
    _, severity, message, *_ = state_of(alert)
    client_of(directeur).post(f"{ACTS}{alert}/ack/", forged)
    assert state_of(alert) == ("ACK", severity, message, directeur.supabase_user_id, None, None)
    client_of(directeur).post(f"{ACTS}{alert}/note/", {"text": "Jaugé ce matin.", **forged})
    assert state_of(alert)[0] == "ACK"


@pytest.mark.parametrize("role", ["directeur", "pca"])
def test_nobody_gives_themselves_a_role(request, role, client_of, events):
    person = request.getfixturevalue(role)
    forged = {"username": person.username, "role": "admin", "is_active": "on"}
    client = client_of(person)
    assert client.post(f"/admin/mlpp_gov/user/{person.pk}/change/", forged).status_code == 403
    client.post("/account/password/", {"role": "admin", "old_password": "x"})
    assert User.objects.get(pk=person.pk).role == person.role
    assert ("authz_fail", "role") in events() or ("authz_fail", "") in events()


@pytest.mark.parametrize("version", ["0", "-1", "999999999999999999999", "x", "1 OR 1=1", "\u0661"])
def test_a_forged_version_is_refused_or_ignored_and_is_no_500(
    directeur, client_of, make_alert, state_of, version
):
    alert = make_alert()
    answer = client_of(directeur).post(f"{ACTS}{alert}/ack/", {"version": version})
    assert answer.status_code < 500
    assert state_of(alert)[1:3] == ("WARN", "Camion 1234AB01 : arrivé sans réception validée")


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_turns_a_link_into_an_action(directeur, client_of, make_alert, state_of, header):
    alert = make_alert()
    answer = client_of(directeur).get(f"{ACTS}{alert}/ack/?_method=POST", headers={header: "POST"})
    assert answer.status_code == 405
    assert state_of(alert)[0] == "OPEN"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "/login/\r\nLocation: https://evil.example/",
        "http://testserver@evil.example/",
    ],
)
def test_no_next_leads_elsewhere(directeur, client_of, make_alert, target):
    answer = client_of(directeur).post(f"{ACTS}{make_alert()}/ack/", {"next": target})
    assert answer.status_code == 302
    assert re.fullmatch(r"/(?![/\\])[^\\\r\n]*", answer.url)
    kept = re.findall(
        r'name="next" value="([^"]*)"', Client().get("/login/", {"next": target}).text
    )
    assert all(re.match(r"/(?![/\\])", path) for path in kept if path)


@pytest.mark.parametrize(
    "path", ["", "checks/", "{alert}/", "{alert}/evidence/", "astm53b/", "../rls/", "../journal/"]
)
def test_no_page_can_be_framed_or_run_foreign_code(admin, client_of, make_alert, path):
    page = client_of(admin).get(
        f"{LIST}{path.format(alert=make_alert())}".replace("integrity/../", "")
    )
    assert page.status_code == 200
    assert page["X-Frame-Options"] == "DENY"
    policy = page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("text", [SCRIPT, IMAGE])
def test_no_text_of_the_database_becomes_code(admin, client_of, make_alert, text, written):
    with as_owner() as cursor:
        tank = business.citerne(cursor, nom=text)
    alert = make_alert(
        check_code="STOCK_NEGATIF",
        severity="CRITICAL",
        entity_type="CITERNE_STOCK",
        entity_id=tank,
        message=f"Citerne {text}",
        payload=f'{{"{text.replace(chr(34), chr(39))}": "{text.replace(chr(34), chr(39))}"}}',
    )
    odd = make_alert(check_code=text[:60], entity_type=text[:40], message=text)
    User.objects.filter(pk=admin.pk).update(full_name=text)
    client = client_of(admin)
    client.post(f"{ACTS}{alert}/note/", {"text": text})
    client.get("/governance/nulle-part/", headers={"User-Agent": text})
    client.get("/.env", headers={"User-Agent": text})
    written()
    for path in (
        LIST,
        f"{LIST}?q={text}",
        f"{LIST}{alert}/",
        f"{LIST}{alert}/evidence/",
        f"{LIST}{odd}/",
        f"{ACTS}{alert}/note/",
        "/governance/",
        "/governance/periods/",
        "/governance/journal/",
        "/governance/notifications/messages/",
        "/admin/alerts/alert/",
        "/admin/mlpp_gov/user/",
        "/account/",
    ):
        page = client.get(path)
        assert page.status_code < 500, path
        assert SCRIPT not in page.text, path
        assert "<img src=x" not in page.text, path


def test_no_line_of_the_log_can_be_forged(admin, client_of, written, caplog):
    forged = 'Firefox\r\n{"event": "authn_login_success"}\x1b[2J'
    client_of(admin).get("/.env", headers={"User-Agent": forged})
    lines = [record.getMessage() for record in caplog.records if record.name == "access"]
    assert lines
    assert not any(re.search(r"[\r\n\x1b]", line) for line in lines)
    (probe,) = [row for row in written() if row["event"] == "malicious_excess_404"]
    assert not re.search(r"[\r\n\x1b]", probe["user_agent"])


def test_signing_in_ends_the_session_that_was_planted(directeur):
    directeur.set_password("un mot de passe assez long")
    directeur.save()
    client = Client()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    client.post(
        "/login/", {"username": directeur.username, "password": "un mot de passe assez long"}
    )
    assert client.session.session_key != planted
    assert not Session.objects.filter(pk=planted).exists()


def test_a_token_of_another_visit_opens_no_form(directeur, make_alert, state_of, events):
    alert = make_alert()

    def visit():
        client = Client(enforce_csrf_checks=True)
        client.force_login(directeur)
        page = client.get(f"{LIST}{alert}/")
        return client, re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]

    (_, stolen), (client, own) = visit(), visit()
    for token in (stolen, "", "x" * 64):
        answer = client.post(f"{ACTS}{alert}/ack/", {"csrfmiddlewaretoken": token})
        assert answer.status_code == 403
    assert state_of(alert)[0] == "OPEN"
    assert ("authz_fail", "csrf") in events()
    assert client.post(f"{ACTS}{alert}/ack/", {"csrfmiddlewaretoken": own}).status_code == 302


@pytest.mark.parametrize(
    ("body", "sort"),
    [
        ("text=" + "x" * 3_000_000, "application/x-www-form-urlencoded"),
        ("&".join(f"f{n}=1" for n in range(5_000)), "application/x-www-form-urlencoded"),
        ("--x\r\nContent-Disposition: form-data; name=text\r\n\r\n", MULTIPART),
        ("text=%00%00", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00", MULTIPART),
    ],
    ids=["3 MB", "5000 fields", "broken multipart", "NUL", "not text"],
)
def test_an_impossible_body_is_refused_without_a_500(
    directeur, client_of, make_alert, state_of, body, sort
):
    alert = make_alert()
    answer = client_of(directeur).post(f"{ACTS}{alert}/note/", body, content_type=sort)
    assert answer.status_code in (400, 413)
    with as_owner() as cursor:
        cursor.execute(
            "SELECT count(*) FROM gouvernance.alert_events WHERE alert_id = %s AND kind = 'note'",
            [alert],
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "a b", "[::1", "testserver,x"]
)
def test_a_foreign_host_is_refused_and_noted(host, events):
    assert Client().get("/login/", headers={"Host": host}).status_code == 400
    assert ("malicious_extraneous", "host") in events()


@pytest.mark.parametrize("path", ["/.env", "/wp-login.php", "/.git/config"])
def test_a_probe_is_noted(path, events):
    assert Client().get(path).status_code in (302, 404)
    assert events()


def test_an_alert_that_does_not_exist_is_a_404_for_who_may_look(directeur, client_of):
    assert client_of(directeur).get(f"{LIST}{uuid4()}/").status_code == 404
