"""Who the API lets in, how often, and what it makes of a body."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from mlpp_gov.access.events import Event
from releases import acts, readings
from tests.database import as_owner
from tests.releases.api.conftest import RELEASE, ROOT, Script, issue
from tests.releases.conftest import Team, events


def said(response):
    return [(error["field"], error["said"]) for error in response.json()["errors"]]


def noted(rows):
    """What the access journal holds of the API: event, status, detail and how often."""
    return [
        (Event.of(row["event"], row["reason"]), row["status"], row["detail"], row["count"])
        for row in rows
        if row["route"].startswith("release_api:")
    ]


@pytest.fixture
def written(db, access_journal):
    def read():
        access_journal.flush(held_too=True)
        with as_owner() as cursor:
            cursor.execute("SELECT * FROM gouvernance.access_events ORDER BY id")
            columns = [column.name for column in cursor.description]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    return read


# --- Tokens --------------------------------------------------------------------------------------


def test_a_stranger_is_asked_for_a_token_and_never_led_to_the_sign_in(db, written):
    for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer "}):
        response = Client().get(f"{ROOT}running", headers=headers)
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == 'Bearer realm="releases"'
        assert response["Cache-Control"] == "no-store"
        assert said(response)[0][0] == "Authorization"
        assert not response.cookies
    assert noted(written()) == [(Event.NOT_SIGNED_IN, 401, "", 3)]


@pytest.mark.parametrize("reason", ["unknown", "revoked", "expired"])
def test_a_token_that_no_longer_holds_opens_nothing_and_is_noted(admin, written, reason):
    token, number = issue(admin)
    script = Script(token)
    assert script.get("running").status_code == 200
    match reason:
        case "unknown":
            script.token += "x"
            detail = "jeton inconnu"
        case "revoked":
            acts.revoke_token(number, actor=admin)
            detail = "jeton révoqué : deploy.sh"
        case "expired":
            with as_owner() as cursor:
                cursor.execute(
                    "UPDATE gouvernance.release_tokens SET created_at = now() - interval '2 days',"
                    " expires_at = now() - interval '1 second'"
                )
            detail = "jeton expiré : deploy.sh"
    for response in (script.get("running"), script.post("releases", **RELEASE)):
        assert response.status_code == 401
        assert 'error="invalid_token"' in response["WWW-Authenticate"]
        assert said(response) == [("Authorization", "Jeton inconnu, révoqué ou expiré.")]
    assert [(event, text) for event, _, text, _ in noted(written())] == [
        (Event.TOKEN_REFUSED, detail)
    ] * 2
    assert readings.release_of_tag("v1.0.0") is None


def test_a_token_does_no_more_than_its_scopes(script_with, team: Team, written):
    release = team.register(0)
    deployment = team.prepare(release, "production")
    script = script_with("gate", "deploy:staging")
    asked = [
        ("releases", {**RELEASE, "tag": "v9"}, "register"),
        (f"deployments/{deployment}/failure", {"why": "Pour voir."}, "deploy:production"),
        ("rollbacks", {"environment": "production", "reason": "Pour voir."}, "deploy:production"),
        (
            "incidents",
            {"environment": "production", "severity": "critical", "description": "Pour voir."},
            "deploy:production",
        ),
    ]
    for path, body, scope in asked:
        response = script.post(path, **body)
        assert response.status_code == 403
        assert said(response) == [(None, f"Le jeton « deploy.sh » n’a pas la portée « {scope} ».")]
    assert [line[:3] for line in noted(written())] == [
        (Event.TOKEN_FORBIDDEN, 403, f"Le jeton « deploy.sh » n’a pas la portée « {scope} ».")
        for _, _, scope in asked
    ]
    assert readings.deployment(deployment).state == "preparation"
    assert (
        script.post("releases/v1.0.0/gate", configuration={"staging": "ab" * 8}).status_code == 201
    )


def test_who_loses_their_role_takes_it_from_their_tokens(admin, written):
    script = Script(issue(admin)[0])
    assert script.post("releases", key="first", **RELEASE).status_code == 201
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE public.profils SET role = 'lecture' WHERE user_id = %s",
            [admin.supabase_user_id],
        )
    responses = (
        script.get("running"),
        script.post("releases", key="first", **RELEASE),  # not even what was answered before
        script.post("nightlies"),
    )
    assert [response.status_code for response in responses] == [403] * 3
    assert "n’a plus le droit" in said(responses[0])[0][1]
    assert {event for event, *_ in noted(written())} == {Event.TOKEN_FORBIDDEN}


def test_the_wrong_method_is_answered_in_json(script):
    response = script.get("releases")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert said(response) == [(None, "Méthode inconnue ici.")]
    assert script.post("running").status_code == 405


# --- Floods --------------------------------------------------------------------------------------


def test_a_flood_waits_is_noted_once_and_keeps_nobody_else_out(script, script_with, written):
    statuses = [script.post("nightlies").status_code for _ in range(63)]
    assert statuses == [400] * 60 + [429] * 3
    flooded = script.post("releases", **RELEASE)
    assert 1 <= int(flooded["Retry-After"]) <= 60
    assert readings.release_of_tag("v1.0.0") is None
    assert script.get("running").status_code == 200
    assert script_with("register").post("releases", **RELEASE).status_code == 201
    assert noted(written()) == [
        (Event.TOO_MANY_REQUESTS, 429, "API des releases", 3),
        (Event.TOO_MANY_REQUESTS, 429, "API des releases", 1),
    ], "one line for each address of the API"
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE gouvernance.release_token_uses SET moments ="
            " ARRAY(SELECT m - interval '1 minute' FROM unnest(moments) AS m)"
        )
    assert script.post("nightlies").status_code == 400, "a minute later"


# --- Keys ----------------------------------------------------------------------------------------


def test_the_same_request_again_gets_the_same_answer_and_acts_once(script, script_with):
    first = script.post("releases", key="k", **RELEASE)
    again = script.post("releases", key="k", **RELEASE)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert ("Idempotent-Replay" in first, again["Idempotent-Replay"]) == (False, "true")
    nightly = {
        "branch": "main",
        "commit": "0c5c2b7",
        "finished_at": "2026-01-23T02:00:00Z",
        "passed": False,
        "evidence": "https://ci.example.org/1",
    }
    ids = {script.post("nightlies", key="n", **nightly).json()["id"] for _ in range(3)}
    assert len(ids) == 1
    assert events(kind="nightly_reported") == [("nightly_reported", False)]
    another = script_with("gate").post("nightlies", key="n", **nightly)
    assert another.json()["id"] not in ids, "keys are each token's own"


def test_a_refusal_is_an_answer_too(script):
    script.post("releases", **RELEASE)
    reused = {**RELEASE, "commit": "1d6d3c8"}
    answers = [script.post("releases", key="r", **reused) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[0].json() == answers[1].json()
    assert [unmet["code"] for unmet in answers[0].json()["refused"]] == ["tag_reused"]
    assert events(refused=True) == [("registered", True)]


def test_a_key_that_served_another_request_is_refused(script):
    script.post("releases", key="k", **RELEASE)
    others = [
        script.post("releases", key="k", **{**RELEASE, "notes": "Autre chose."}),
        script.post("releases/v1.0.0/gate", key="k", configuration={"staging": "ab" * 8}),
    ]
    for other in others:
        assert other.status_code == 422
        assert said(other)[0][0] == "Idempotency-Key"


def test_an_invalid_request_leaves_its_key_free(script):
    wrong = script.post("releases", key="k", **{**RELEASE, "commit": "zz"})
    assert (wrong.status_code, "hexadécimaux" in said(wrong)[0][1]) == (400, True)
    assert script.post("releases", key="k", **RELEASE).status_code == 201


@pytest.mark.parametrize("key", ["", "a" * 201, "une clé", "a b", "a\tb"])
def test_a_key_is_visible_ascii(script, key):
    response = script.post("releases", key=key, **RELEASE)
    assert response.status_code == 400
    assert said(response)[0][0] == "Idempotency-Key"


def test_what_was_answered_is_never_rewritten(script):
    script.post("releases", **RELEASE)
    with as_owner() as cursor, pytest.raises(DatabaseError, match="ne se"), transaction.atomic():
        cursor.execute("DELETE FROM gouvernance.release_requests")


# --- Bodies --------------------------------------------------------------------------------------

NOT_JSON = "Le corps de la requête n’est pas du JSON en UTF-8."


@pytest.mark.parametrize(
    ("body", "field", "what"),
    [
        (b"", "tag", "obligatoire"),
        (b"{", None, NOT_JSON),
        (b"[]", None, "Le corps de la requête est un objet JSON."),
        (b"[" * 60_000, None, NOT_JSON),
        (b'{"tag": NaN}', None, NOT_JSON),
        (b'{"tag": ' + b"1" * 5_000 + b"}", None, NOT_JSON),
        (b'{"tag": "a", "tag": "b"}', None, NOT_JSON),
        ('{"tag": "é"}'.encode("latin-1"), None, NOT_JSON),
        ('{"tag": "a"}'.encode("utf-16"), None, NOT_JSON),
        (b'{"notes": "' + b"a" * 65_536 + b'"}', None, "Le corps de la requête dépasse 64 ko."),
        (b'{"notes": "a\\u0000b"}', "notes", "contient un caractère interdit (NUL)"),
        (b'{"notes": "\\ud800"}', "notes", "n’est pas un texte Unicode valide"),
        (b'{"notes": 3}', "notes", "un texte est attendu"),
        (b'{"tag": null}', "tag", "obligatoire"),
        (b'{"category": "URGENT"}', "category", "une de ces valeurs est attendue"),
        (b'{"category": ["AUDIT"]}', "category", "une de ces valeurs est attendue"),
        (b'{"couleur": "bleu"}', "couleur", "champ inconnu"),
        (b'{"a\\u0000\\udc00": 1}', "a␀?", "champ inconnu"),
    ],
)  # fmt: skip
def test_a_body_that_cant_be_is_named_field_by_field(script, body, field, what):
    response = script.post("releases", raw=body)
    assert response.status_code == 400
    assert [error for error in said(response) if error[0] == field and error[1].startswith(what)]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("nightlies", {"passed": "true"}, "passed"),
        ("nightlies", {"finished_at": "2026-01-23T02:00:00"}, "finished_at"),
        ("nightlies", {"finished_at": "0001-01-01T00:00:00+14:00"}, "finished_at"),
        ("nightlies", {"finished_at": "infinity"}, "finished_at"),
        ("releases/v1/gate", {"configuration": {}}, "configuration"),
        ("releases/v1/gate", {"configuration": {"staging": 3}}, "configuration"),
        ("releases/v1/gate", {"tag": "v2"}, "tag"),
        ("releases/v1/gate/x", {"re_evaluate_on": "20260123"}, "re_evaluate_on"),
        ("deployments/1/readings", {"error_percent": True}, "error_percent"),
        ("deployments/1/readings", {"error_percent": 1e300}, "error_percent"),
        ("deployments/1/readings", {"error_percent": -1}, "error_percent"),
        ("deployments/99999999999999999999/success", {}, "deployment"),
        ("deployments/0/success", {}, "deployment"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(script, path, body, field):
    response = script.post(path, **body)
    assert response.status_code == 400
    assert field in [name for name, _ in said(response)]


def test_a_figure_is_exact_however_small(script, team: Team):
    _, deployment = started(team)
    tiny = b'{"error_percent": 1e-999999, "unavailable_minutes": 0.1}'
    assert script.post(f"deployments/{deployment}/readings", raw=tiny).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT error_percent::text, unavailable_minutes::text FROM gouvernance.watch_readings"
        )
        assert cursor.fetchone() == ("0.000", "0.100")


def started(team: Team):
    """A release whose deployment in production is watched."""
    release = team.register(0)
    team.pass_gate(release)
    team.succeed_in("staging", release)
    team.time_passes(hours=49)
    team.night(readings.release(release).commit, days_ago=1)
    team.night(readings.release(release).commit)
    deployment = team.prepare(release, "production")
    team.deploy(deployment)
    return release, deployment


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "releases/v0"),
        ("get", "deployments/9"),
        ("get", "deployments/99999999999999999999"),
        ("post", "releases/v0/changes"),
        ("post", "deployments/9/success"),
    ],
)
def test_what_is_not_there_is_not_found(script, method, path):
    body = {"cause": "code", "reason": "Un correctif."} if path.endswith("changes") else {}
    response = script.get(path) if method == "get" else script.post(path, **body)
    assert response.status_code == 404
    assert said(response)[0][0] is None
