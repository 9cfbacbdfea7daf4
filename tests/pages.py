"""Every page of the cockpit in a demonstration that fills it, one address for each route."""

import re
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.urls import URLResolver, get_resolver, reverse

from mlpp_gov.demo import loading
from releases import demo as releases_demo
from tests.database import as_owner
from tests.test_permissions import MATRIX

# More rows than a page may ask queries, so that one query for each of them can't go unseen.
MANY = 20
FILLED = f"""
    INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message, payload)
    SELECT check_code, severity, entity_type, gen_random_uuid(), message, payload
    FROM public.system_alerts, generate_series(1, {MANY}) WHERE status <> 'RESOLVED';
    INSERT INTO gouvernance.access_events (at, event, reason, severity, status, method, route, user_id,
        role, address, user_agent, session, typed_name, detail, release, count)
    SELECT now() - n * interval '1 minute', 'authz_fail', 'role', 'WARN', 403, 'GET', 'integrity:list',
        (SELECT id FROM gouvernance.mlpp_gov_user OFFSET n % 5 LIMIT 1), 'gerant',
        '203.0.113.7'::inet + n, '', '', '', '', 'v1', n
    FROM generate_series(1, {MANY}) AS n;
    INSERT INTO gouvernance.notification_messages (rule, topic, recipient, state, subject, body)
    SELECT 1, 'opened', 'channel:astreinte', 'given_up', 'Stock négatif ' || n, 'Un corps de message.'
    FROM generate_series(1, {MANY}) AS n;
    INSERT INTO gouvernance.notification_attempts (message, started_at, finished_at, outcome, failure)
    SELECT id, now(), now(), 'failed', 'refus' FROM gouvernance.notification_messages;
"""


def one(sql: str) -> Any:
    with as_owner() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def fill() -> None:
    """Load the demonstration into the test's own transaction, then more rows of each kind."""
    with as_owner() as cursor:
        loading.load(connection, loading.Scenario.INCIDENT, replace=False)
        releases_demo.load(connection, replace=False)
        cursor.execute("SELECT gouvernance.sync_alerts()")
        cursor.execute("SELECT gouvernance.record_contract_check('{}')")
        cursor.execute(FILLED)


def addresses() -> dict[str, str]:
    """Where each page is that answers a GET, by the name of its route, once fill() filled it.

    Raises NoReverseMatch for a route that takes something that is not named here.
    """
    alert = one(
        "SELECT id FROM public.system_alerts WHERE check_code = 'STOCK_NEGATIF' AND status <> 'RESOLVED'"
        " ORDER BY first_detected_at, id LIMIT 1"
    )
    deployment = one("SELECT max(id) FROM gouvernance.deployments WHERE environment = 'production'")
    taken = {
        "alert_id": alert,
        "code": "STOCK_NEGATIF",
        "rule": 1,
        "message": one("SELECT max(id) FROM gouvernance.notification_messages"),
        "tag": "v1.3.0",
        "item": "git_main",
        "deployment": deployment,
        "post_mortem": one("SELECT max(id) FROM gouvernance.post_mortems"),
        "action_id": 7,
    }
    return {
        name: reverse(name, kwargs={key: taken[key] for key in re.findall(r"<\w+:(\w+)>", route)})
        for name, route in pages_of_people()
    } | {"operations:operation": reverse("operations:operation", kwargs={"code": "ASTM53B"})}


def pages_of_people() -> Iterator[tuple[str, str]]:
    """(name, route) of what an admin may open: not the doors of the API and of Django's admin."""
    for name, route in names(get_resolver()):
        answer = MATRIX.get((route, "GET"), {}).get("admin")
        if route.startswith(("governance/", "account/")) and answer in (200, 302, 400, 404):
            yield name, route


def names(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from names(pattern, route, inner)
        elif pattern.name:
            yield f"{space}{pattern.name}", route
