"""What every page asks of PostgreSQL: eight journeys at most, however many rows it shows (ADR 20)."""

import gzip

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages import addresses, fill

MOST_QUERIES = 8
MOST_BYTES = 12_000  # compressed
# Of a test: its savepoints stand for BEGIN and COMMIT, and db_identity() takes back what COMMIT would.
FRAME = (
    "SAVEPOINT",
    "RELEASE SAVEPOINT",
    "ROLLBACK TO SAVEPOINT",
    "SELECT set_config('role', 'none'",
)
NOT_ENROLLED = ("account-remove", "account-codes")  # lead to one's account


@pytest.fixture
def asked(db, admin, client_of):
    """(queries, status, compressed size) of each page, by the name of its route."""
    fill()
    client = client_of(admin)
    found = {}
    for name, path in addresses().items():
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        queries = [q["sql"] for q in captured if not q["sql"].startswith(FRAME)]
        content = b"" if response.streaming else response.content
        found[name] = (queries, response, len(gzip.compress(content)))
    return found


def test_every_page_asks_few_queries_whatever_it_shows(asked):
    greedy = {
        name: len(queries) for name, (queries, _, _) in asked.items() if len(queries) > MOST_QUERIES
    }

    assert greedy == {}


def test_every_page_is_light(asked):
    heavy = {name: size for name, (_, _, size) in asked.items() if size > MOST_BYTES}

    assert heavy == {}


def test_every_page_was_there(asked):
    missed = {
        name: response.status_code
        for name, (_, response, _) in asked.items()
        if response.status_code != (302 if name in NOT_ENROLLED else 200)
    }

    assert missed == {}
