"""The matrix of the contract, section 4: every route, every kind of visitor, every method.

A route without a row here fails: see test_every_route_has_a_row.
"""

import re
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

ALERT = UUID("aaaaaaaa-0000-0000-0000-000000000001")
VISITORS = ("anonyme", "lecture", "operateur", "gerant", "pca", "directeur", "admin")

LOGIN = 302  # to the sign-in page


def row(
    *, anonyme: int = LOGIN, others: int = 403, pca: int, directeur: int, admin: int
) -> dict[str, int]:
    return {
        "anonyme": anonyme,
        **dict.fromkeys(("lecture", "operateur", "gerant"), others),
        "pca": pca,
        "directeur": directeur,
        "admin": admin,
    }


READERS = row(pca=200, directeur=200, admin=200)
READERS_ARE_REDIRECTED = row(pca=302, directeur=302, admin=302)
HANDLERS = row(pca=403, directeur=302, admin=302)
DECIDERS = row(pca=403, directeur=200, admin=200)
INCOMPLETE = row(pca=403, directeur=400, admin=400)
NO_SUCH_STEP = row(pca=403, directeur=404, admin=404)
NO_SUCH_STOP = row(pca=404, directeur=404, admin=403)
APPROVERS = row(pca=200, directeur=200, admin=403)  # of what another carries out
ADMIN_ONLY = row(pca=403, directeur=403, admin=200)
READERS_MISS_IT = row(pca=404, directeur=404, admin=404)  # nothing has that number
CONDUCTORS_MISS_IT = row(pca=403, directeur=404, admin=404)
EVERYBODY = {**dict.fromkeys(VISITORS, 200), "anonyme": LOGIN}  # one's own account
STRANGERS = dict.fromkeys(VISITORS, 200)
TO_THE_LOGIN = dict.fromkeys(VISITORS, 302)
NOT_ENROLLED = dict.fromkeys(VISITORS, 302)  # to the login, or to one's account
WRONG_METHOD = row(others=405, pca=405, directeur=405, admin=405)
NO_TOKEN = dict.fromkeys(VISITORS, 401)  # whoever is signed in
WRONG_FOR_A_TOKEN = dict.fromkeys(VISITORS, 405)
ASKED_BY_TOKEN = (
    "releases",
    "releases/<str:tag>/gate",
    "releases/<str:tag>/gate/<str:item>",
    "releases/<str:tag>/changes",
    "nightlies",
    "deployments",
    *(
        f"deployments/<int:deployment>/{act}"
        for act in ("start", "attempts", "checks", "readings", "success", "failure")
    ),
    "incidents",
    "rollbacks",
)

# (route, method): status for each visitor. Methods that aren't listed must answer as WRONG_METHOD.
MATRIX = {
    ("", "GET"): dict.fromkeys(VISITORS, 302),
    ("design/", "GET"): EVERYBODY,  # in development
    ("design/", "POST"): WRONG_METHOD,
    ("language/", "GET"): dict.fromkeys(VISITORS, 405),
    ("language/", "POST"): dict.fromkeys(VISITORS, 400),  # which one?
    ("login/", "GET"): {**dict.fromkeys(VISITORS, 302), "anonyme": 200},
    ("login/", "POST"): {**dict.fromkeys(VISITORS, 302), "anonyme": 200},
    ("login/code/", "GET"): TO_THE_LOGIN,  # nobody's password was right
    ("login/code/", "POST"): TO_THE_LOGIN,
    ("login/enrol/", "GET"): TO_THE_LOGIN,
    ("login/enrol/", "POST"): TO_THE_LOGIN,
    ("password/", "GET"): STRANGERS,
    ("password/", "POST"): STRANGERS,  # nothing typed
    ("password/sent/", "GET"): STRANGERS,
    ("password/<str:uidb64>/<str:token>/", "GET"): STRANGERS,  # « ce lien ne fonctionne plus »
    ("password/<str:uidb64>/<str:token>/", "POST"): STRANGERS,
    ("account/", "GET"): EVERYBODY,
    ("account/", "POST"): WRONG_METHOD,
    ("account/password/", "GET"): EVERYBODY,
    ("account/password/", "POST"): EVERYBODY,  # nothing typed
    ("account/second-factor/", "GET"): EVERYBODY,
    ("account/second-factor/", "POST"): EVERYBODY,
    ("account/second-factor/", "DELETE"): WRONG_METHOD,
    ("account/second-factor/remove/", "GET"): NOT_ENROLLED,
    ("account/second-factor/remove/", "POST"): NOT_ENROLLED,
    ("account/second-factor/codes/", "GET"): NOT_ENROLLED,
    ("account/second-factor/codes/", "POST"): NOT_ENROLLED,
    ("logout/", "POST"): dict.fromkeys(VISITORS, 302),
    ("logout/", "GET"): dict.fromkeys(VISITORS, 405),
    ("governance/", "GET"): READERS,
    ("governance/", "HEAD"): READERS,
    ("governance/", "POST"): WRONG_METHOD,
    ("governance/periods/", "GET"): READERS,
    ("governance/periods/", "POST"): WRONG_METHOD,
    ("governance/report/", "GET"): READERS,
    ("governance/report/", "POST"): WRONG_METHOD,
    ("governance/report.csv", "GET"): READERS,
    ("governance/report.csv", "DELETE"): WRONG_METHOD,
    ("governance/search/", "GET"): READERS,
    ("governance/search/", "HEAD"): READERS,
    ("governance/search/", "POST"): WRONG_METHOD,
    ("governance/rls/", "GET"): READERS,
    ("governance/rls/", "HEAD"): READERS,
    ("governance/rls/", "POST"): WRONG_METHOD,
    ("governance/service-levels/", "GET"): READERS,
    ("governance/service-levels/", "POST"): WRONG_METHOD,
    ("governance/service-levels/set/", "POST"): row(pca=403, directeur=403, admin=400),
    ("governance/service-levels/set/", "GET"): WRONG_METHOD,
    ("governance/service-levels/clear/", "POST"): row(pca=403, directeur=403, admin=302),
    ("governance/service-levels/clear/", "GET"): WRONG_METHOD,
    ("governance/notifications/", "GET"): READERS,
    ("governance/notifications/", "HEAD"): READERS,
    ("governance/notifications/", "POST"): WRONG_METHOD,
    ("governance/notifications/rules/add/", "GET"): ADMIN_ONLY,
    ("governance/notifications/rules/add/", "POST"): row(pca=403, directeur=403, admin=400),
    ("governance/notifications/rules/add/", "DELETE"): WRONG_METHOD,
    ("governance/notifications/rules/<int:rule>/", "GET"): row(pca=403, directeur=403, admin=404),
    ("governance/notifications/rules/<int:rule>/", "POST"): row(pca=403, directeur=403, admin=404),
    ("governance/notifications/rules/<int:rule>/", "PUT"): WRONG_METHOD,
    ("governance/notifications/rules/<int:rule>/remove/", "POST"): row(
        pca=403, directeur=403, admin=302
    ),
    ("governance/notifications/rules/<int:rule>/remove/", "GET"): WRONG_METHOD,
    ("governance/notifications/messages/", "GET"): READERS,
    ("governance/notifications/messages/", "HEAD"): READERS,
    ("governance/notifications/messages/", "POST"): WRONG_METHOD,
    ("governance/notifications/messages/<int:message>/", "GET"): row(
        pca=404, directeur=404, admin=404
    ),
    ("governance/notifications/messages/<int:message>/", "POST"): WRONG_METHOD,
    ("governance/notifications/messages/<int:message>/resend/", "POST"): row(
        pca=403, directeur=403, admin=302
    ),
    ("governance/notifications/messages/<int:message>/resend/", "GET"): WRONG_METHOD,
    ("governance/notifications/test/", "POST"): READERS_ARE_REDIRECTED,
    ("governance/notifications/test/", "GET"): WRONG_METHOD,
    ("governance/notifications/channels/<slug:name>/test/", "POST"): row(
        pca=403, directeur=403, admin=404
    ),
    ("governance/notifications/channels/<slug:name>/test/", "GET"): WRONG_METHOD,
    ("governance/journal/", "GET"): DECIDERS,
    ("governance/journal/", "HEAD"): DECIDERS,
    ("governance/journal/", "POST"): WRONG_METHOD,
    ("governance/releases/", "GET"): READERS,
    ("governance/releases/", "HEAD"): READERS,
    ("governance/releases/", "POST"): WRONG_METHOD,
    ("governance/releases/register/", "GET"): DECIDERS,
    ("governance/releases/register/", "POST"): INCOMPLETE,
    ("governance/releases/register/", "DELETE"): WRONG_METHOD,
    ("governance/releases/freeze/", "GET"): READERS,
    ("governance/releases/freeze/", "POST"): WRONG_METHOD,
    ("governance/releases/freeze/begin/", "POST"): row(pca=400, directeur=403, admin=400),
    ("governance/releases/freeze/begin/", "GET"): WRONG_METHOD,
    ("governance/releases/freeze/end/", "POST"): row(pca=400, directeur=400, admin=400),
    ("governance/releases/freeze/end/", "GET"): WRONG_METHOD,
    ("governance/releases/tokens/", "GET"): ADMIN_ONLY,
    ("governance/releases/tokens/", "POST"): row(pca=403, directeur=403, admin=400),
    ("governance/releases/tokens/", "DELETE"): WRONG_METHOD,
    ("governance/releases/tokens/<int:token>/revoke/", "POST"): row(
        pca=403, directeur=403, admin=302
    ),
    ("governance/releases/tokens/<int:token>/revoke/", "GET"): WRONG_METHOD,
    ("governance/releases/<str:tag>/", "GET"): row(pca=404, directeur=404, admin=404),
    ("governance/releases/<str:tag>/", "POST"): WRONG_METHOD,
    ("governance/releases/<str:tag>/gate/open/", "GET"): row(pca=403, directeur=404, admin=404),
    ("governance/releases/<str:tag>/gate/open/", "POST"): row(pca=403, directeur=404, admin=404),
    ("governance/releases/<str:tag>/gate/open/", "DELETE"): WRONG_METHOD,
    ("governance/releases/<str:tag>/gate/change/", "GET"): row(pca=403, directeur=404, admin=404),
    ("governance/releases/<str:tag>/gate/change/", "POST"): row(pca=403, directeur=404, admin=404),
    ("governance/releases/<str:tag>/gate/change/", "PUT"): WRONG_METHOD,
    ("governance/releases/<str:tag>/gate/<str:item>/", "GET"): row(
        pca=403, directeur=404, admin=404
    ),
    ("governance/releases/<str:tag>/gate/<str:item>/", "POST"): row(
        pca=403, directeur=404, admin=404
    ),
    ("governance/releases/<str:tag>/gate/<str:item>/", "PUT"): WRONG_METHOD,
    ("governance/integrity/", "GET"): READERS,
    ("governance/integrity/", "HEAD"): READERS,
    ("governance/integrity/", "POST"): WRONG_METHOD,
    ("governance/integrity/", "DELETE"): WRONG_METHOD,
    ("governance/integrity/since/", "GET"): READERS,
    ("governance/integrity/since/", "HEAD"): READERS,
    ("governance/integrity/since/", "POST"): WRONG_METHOD,
    ("governance/integrity/export.csv", "GET"): READERS,
    ("governance/integrity/export.csv", "POST"): WRONG_METHOD,
    ("governance/integrity/export.json", "GET"): READERS,
    ("governance/integrity/export.json", "POST"): WRONG_METHOD,
    ("governance/integrity/checks/", "GET"): READERS,
    ("governance/integrity/checks/", "HEAD"): READERS,
    ("governance/integrity/checks/", "POST"): WRONG_METHOD,
    ("governance/integrity/checks/<str:code>/", "GET"): READERS,
    ("governance/integrity/checks/<str:code>/", "POST"): WRONG_METHOD,
    ("governance/integrity/checks/<str:code>/tune/", "POST"): row(
        pca=403, directeur=403, admin=400
    ),
    ("governance/integrity/checks/<str:code>/tune/", "GET"): WRONG_METHOD,
    ("governance/integrity/checks/stocks-ouverture/", "GET"): READERS,
    ("governance/integrity/checks/stocks-ouverture/", "POST"): WRONG_METHOD,
    ("governance/integrity/checks/stocks-ouverture/declare/", "POST"): row(
        pca=403, directeur=403, admin=400
    ),
    ("governance/integrity/checks/stocks-ouverture/declare/", "GET"): WRONG_METHOD,
    ("governance/integrity/checks/stocks-ouverture/withdraw/", "POST"): row(
        pca=403, directeur=403, admin=302
    ),
    ("governance/integrity/checks/stocks-ouverture/withdraw/", "DELETE"): WRONG_METHOD,
    ("governance/integrity/<uuid:alert_id>/", "GET"): READERS,
    ("governance/integrity/<uuid:alert_id>/", "POST"): WRONG_METHOD,
    ("governance/integrity/<uuid:alert_id>/payload.json", "GET"): READERS,
    ("governance/integrity/<uuid:alert_id>/payload.json", "POST"): WRONG_METHOD,
    ("governance/integrity/<uuid:alert_id>/evidence/", "GET"): READERS,
    ("governance/integrity/<uuid:alert_id>/evidence/", "HEAD"): READERS,
    ("governance/integrity/<uuid:alert_id>/evidence/", "POST"): WRONG_METHOD,
    ("governance/integrity/<uuid:alert_id>/evidence.csv", "GET"): READERS,
    ("governance/integrity/<uuid:alert_id>/evidence.csv", "POST"): WRONG_METHOD,
    ("governance/integrity/astm53b/", "GET"): READERS,
    ("governance/integrity/astm53b/", "HEAD"): READERS,
    ("governance/integrity/astm53b/", "POST"): WRONG_METHOD,
    ("governance/integrity/astm53b.csv", "GET"): READERS,
    ("governance/integrity/astm53b.csv", "POST"): WRONG_METHOD,
    ("governance/integrity/astm53b/approve/", "GET"): APPROVERS,
    ("governance/integrity/astm53b/approve/", "POST"): row(pca=400, directeur=400, admin=403),
    ("governance/integrity/astm53b/approve/", "DELETE"): WRONG_METHOD,
    ("governance/deployments/", "GET"): READERS,
    ("governance/deployments/", "HEAD"): READERS,
    ("governance/deployments/", "POST"): WRONG_METHOD,
    ("governance/deployments/open/", "GET"): DECIDERS,
    ("governance/deployments/open/", "POST"): INCOMPLETE,
    ("governance/deployments/open/", "DELETE"): WRONG_METHOD,
    ("governance/deployments/rollback/", "GET"): DECIDERS,
    ("governance/deployments/rollback/", "POST"): INCOMPLETE,
    ("governance/deployments/rollback/", "PUT"): WRONG_METHOD,
    ("governance/deployments/post-mortems/<int:post_mortem>/", "GET"): READERS_MISS_IT,
    ("governance/deployments/post-mortems/<int:post_mortem>/", "POST"): READERS_MISS_IT,
    ("governance/deployments/post-mortems/<int:post_mortem>/", "DELETE"): WRONG_METHOD,
    ("governance/deployments/<int:deployment>/", "GET"): READERS_MISS_IT,
    ("governance/deployments/<int:deployment>/", "POST"): WRONG_METHOD,
    ("governance/deployments/<int:deployment>/report/", "GET"): READERS_MISS_IT,
    ("governance/deployments/<int:deployment>/report/", "POST"): WRONG_METHOD,
    ("governance/deployments/<int:deployment>/report.md", "GET"): READERS_MISS_IT,
    ("governance/deployments/<int:deployment>/report.md", "POST"): WRONG_METHOD,
    **{
        (f"governance/deployments/<int:deployment>/{act}/", method): expected
        for acts, visitors in (
            (
                ("plan", "answer", "start", "attempt", "watch", "succeed", "fail"),
                CONDUCTORS_MISS_IT,
            ),
            (("authorise", "incident", "correct"), READERS_MISS_IT),
        )
        for act in acts
        for method, expected in (("POST", visitors), ("GET", WRONG_METHOD))
    },
    ("governance/operations/", "GET"): READERS,
    ("governance/operations/", "HEAD"): READERS,
    ("governance/operations/", "POST"): WRONG_METHOD,
    ("governance/operations/new/", "GET"): DECIDERS,
    ("governance/operations/new/", "POST"): INCOMPLETE,
    ("governance/operations/new/", "PUT"): WRONG_METHOD,
    ("governance/operations/<str:code>/", "GET"): READERS,
    ("governance/operations/<str:code>/", "HEAD"): READERS,
    ("governance/operations/<str:code>/", "POST"): WRONG_METHOD,
    ("governance/operations/<str:code>/start/", "POST"): HANDLERS,  # it runs: told so
    ("governance/operations/<str:code>/start/", "GET"): WRONG_METHOD,
    ("governance/operations/<str:code>/steps/<int:position>/done/", "POST"): NO_SUCH_STEP,
    ("governance/operations/<str:code>/steps/<int:position>/done/", "GET"): WRONG_METHOD,
    ("governance/operations/<str:code>/steps/<int:position>/reopen/", "POST"): NO_SUCH_STEP,
    ("governance/operations/<str:code>/steps/<int:position>/reopen/", "GET"): WRONG_METHOD,
    ("governance/operations/<str:code>/steps/<int:position>/pass/", "POST"): NO_SUCH_STOP,
    ("governance/operations/<str:code>/steps/<int:position>/pass/", "GET"): WRONG_METHOD,
    ("governance/operations/<str:code>/steps/<int:position>/withdraw/", "POST"): NO_SUCH_STOP,
    ("governance/operations/<str:code>/steps/<int:position>/withdraw/", "GET"): WRONG_METHOD,
    ("governance/operations/<str:code>/note/", "POST"): INCOMPLETE,
    ("governance/operations/<str:code>/note/", "GET"): WRONG_METHOD,
    ("governance/operations/<str:code>/freeze/", "POST"): NO_SUCH_STEP,  # no activity is named
    ("governance/operations/<str:code>/freeze/", "GET"): WRONG_METHOD,
    ("governance/operations/<str:code>/unfreeze/", "POST"): NO_SUCH_STEP,
    ("governance/operations/<str:code>/unfreeze/", "GET"): WRONG_METHOD,
    ("governance/operations/<str:code>/finish/", "POST"): HANDLERS,
    ("governance/operations/<str:code>/finish/", "GET"): WRONG_METHOD,
    ("governance/operations/<str:code>/abandon/", "POST"): INCOMPLETE,
    ("governance/operations/<str:code>/abandon/", "DELETE"): WRONG_METHOD,
    ("governance/phase2/", "GET"): READERS,
    ("governance/phase2/", "HEAD"): READERS,
    ("governance/phase2/", "POST"): WRONG_METHOD,
    ("governance/phase2/<int:action_id>/", "GET"): READERS,
    ("governance/phase2/<int:action_id>/", "POST"): WRONG_METHOD,
    ("governance/phase2/<int:action_id>/update/", "GET"): DECIDERS,
    ("governance/phase2/<int:action_id>/update/", "POST"): INCOMPLETE,
    ("governance/phase2/<int:action_id>/update/", "PUT"): WRONG_METHOD,
    ("governance/alerts/<uuid:alert_id>/ack/", "POST"): HANDLERS,
    ("governance/alerts/<uuid:alert_id>/ack/", "GET"): WRONG_METHOD,
    ("governance/alerts/<uuid:alert_id>/ack/", "PUT"): WRONG_METHOD,
    ("governance/alerts/<uuid:alert_id>/resolve/", "POST"): HANDLERS,
    ("governance/alerts/<uuid:alert_id>/resolve/", "GET"): DECIDERS,
    ("governance/alerts/<uuid:alert_id>/note/", "GET"): DECIDERS,
    ("governance/alerts/<uuid:alert_id>/note/", "POST"): INCOMPLETE,
    ("governance/alerts/<uuid:alert_id>/note/", "DELETE"): WRONG_METHOD,
    ("governance/alerts/<uuid:alert_id>/assign/", "GET"): DECIDERS,
    ("governance/alerts/<uuid:alert_id>/assign/", "POST"): HANDLERS,
    ("governance/alerts/<uuid:alert_id>/assign/", "PUT"): WRONG_METHOD,
    ("governance/alerts/selection/", "POST"): HANDLERS,
    ("governance/alerts/selection/", "GET"): WRONG_METHOD,
    ("governance/alerts/<uuid:alert_id>/resolve/", "DELETE"): WRONG_METHOD,
    **{(f"api/releases/v1/{route}", "POST"): NO_TOKEN for route in ASKED_BY_TOKEN},
    **{(f"api/releases/v1/{route}", "GET"): WRONG_FOR_A_TOKEN for route in ASKED_BY_TOKEN},
    ("api/releases/v1/running", "GET"): NO_TOKEN,
    ("api/releases/v1/running", "POST"): WRONG_FOR_A_TOKEN,
    ("api/releases/v1/releases/<str:tag>", "HEAD"): NO_TOKEN,
    ("api/releases/v1/releases/<str:tag>", "DELETE"): WRONG_FOR_A_TOKEN,
    ("api/releases/v1/deployments/<int:deployment>", "GET"): NO_TOKEN,
    ("api/releases/v1/deployments/<int:deployment>", "PUT"): WRONG_FOR_A_TOKEN,
    ("admin/login/", "GET"): dict.fromkeys(VISITORS, 302),
    ("admin/", "GET"): READERS,
    ("admin/logout/", "POST"): READERS_ARE_REDIRECTED,
    ("admin/password_change/", "GET"): READERS,
    ("admin/password_change/done/", "GET"): READERS,
    ("admin/jsi18n/", "GET"): READERS,
    ("admin/autocomplete/", "GET"): row(pca=403, directeur=403, admin=403),
    ("admin/r/<path:content_type_id>/<path:object_id>/", "GET"): row(
        pca=404, directeur=404, admin=404
    ),
    ("admin/alerts/alert/", "GET"): READERS,
    ("admin/alerts/alert/", "POST"): READERS,  # without an action: the list
    ("admin/alerts/alert/<uuid:alert_id>/change/", "GET"): READERS_ARE_REDIRECTED,
    ("admin/mlpp_gov/user/", "GET"): ADMIN_ONLY,
    ("admin/mlpp_gov/user/add/", "GET"): ADMIN_ONLY,
    ("admin/mlpp_gov/user/<int:user_id>/door/", "GET"): ADMIN_ONLY,
    ("admin/mlpp_gov/user/<int:user_id>/door/", "POST"): ADMIN_ONLY,  # nothing asked for
    ("admin/mlpp_gov/user/<id>/password/", "GET"): ADMIN_ONLY,
    ("admin/mlpp_gov/user/<path:object_id>/change/", "GET"): ADMIN_ONLY,
    ("admin/mlpp_gov/user/<path:object_id>/delete/", "GET"): row(pca=403, directeur=403, admin=403),
    ("admin/mlpp_gov/user/<path:object_id>/history/", "GET"): ADMIN_ONLY,
    ("admin/mlpp_gov/user/<path:object_id>/", "GET"): row(pca=302, directeur=302, admin=302),
    ("admin/^(?P<app_label>mlpp_gov|alerts)/$", "GET"): READERS,
    ("admin/(?P<url>.*)$", "GET"): row(pca=404, directeur=404, admin=404),
}


def routes(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def test_every_route_has_a_row():
    described = {route for route, _ in MATRIX}
    assert set(routes(get_resolver().url_patterns)) == described


def path_of(route, user_id):
    path = re.sub(r"<uuid:alert_id>", str(ALERT), route)
    if route.startswith("governance/operations/"):
        path = path.replace("<str:code>", "ASTM53B")
    path = path.replace("<int:action_id>", "7")
    path = path.replace("<str:code>", "CDR_ARRIVE_STALE").replace("<slug:name>", "astreinte")
    path = re.sub(
        r"<int:(rule|message|position|token|deployment|post_mortem)>", "999999", path
    )  # there is none
    path = path.replace("<str:tag>", "v9.9.9").replace("<str:item>", "git_main")
    path = path.replace("^(?P<app_label>mlpp_gov|alerts)/$", "alerts/").replace(
        "(?P<url>.*)$", "rien"
    )
    path = path.replace("<path:content_type_id>", "999").replace("<path:object_id>", str(user_id))
    path = path.replace("<str:tag>", "v9").replace("<str:item>", "rien")
    path = path.replace("<int:deployment>", "999999")
    path = path.replace("<str:uidb64>", "MQ").replace("<str:token>", "c0ffee-c0ffee")
    return "/" + path.replace("<id>", str(user_id)).replace("<int:user_id>", str(user_id))


@pytest.mark.parametrize(("route", "method"), MATRIX, ids=lambda value: str(value) or "/")
def test_each_visitor_gets_what_the_matrix_says(route, method, request, make_alert, client_of):
    found = {}
    for visitor in VISITORS:
        if visitor == "anonyme":
            client, user_id = Client(), 0
        else:
            person = request.getfixturevalue(visitor)
            client, user_id = client_of(person), person.pk
        make_alert(id=ALERT) if visitor == VISITORS[0] else reopen()
        response = client.generic(method, path_of(route, user_id))
        found[visitor] = response.status_code
        if method != "HEAD" and "<html" in text_of(response):
            assert_names_its_release(text_of(response))
        if visitor == "anonyme" and response.status_code == 302:
            assert response.url.startswith(("/login/", "/admin/login/", "/governance/integrity/"))
    assert found == MATRIX[route, method]


def text_of(response):
    return "" if response.streaming else response.content.decode()


def assert_names_its_release(page):
    """Every page, the admin's and those of errors included."""
    footer = page[page.rindex("<footer") :]
    assert "Environnement&nbsp;: <strong>development</strong>" in footer
    assert "Version&nbsp;: <strong>v0.0.0+0000000</strong>" in footer


def reopen():
    from tests.database import as_owner

    with as_owner() as cursor:
        cursor.execute("UPDATE public.system_alerts SET status = 'OPEN'")
