"""No query string, however odd, ends in a 500."""

from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NAMES = st.sampled_from(
    ["severity", "entity_type", "status", "check", "q", "page", "page_size", "sort", "x"]
)
VALUES = st.one_of(
    st.text(max_size=300),
    st.integers().map(str),
    st.sampled_from(
        ["CRITICAL", "active", "all", "0", "1e9", "1000000000", "9" * 5000, "\x00", "%00", "'"]
    ),
)


@pytest.fixture
def client(directeur, client_of, make_alert):
    make_alert()
    return client_of(directeur)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pairs=st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_the_list_answers_200_or_400(client, pairs):
    query = urlencode(pairs, errors="surrogatepass")
    response = client.get(f"/governance/integrity/?{query}")
    assert response.status_code in (200, 400), query


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tail=st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=80))
def test_an_odd_path_answers_404_or_400(client, tail):
    response = client.get("/governance/integrity/-/" + tail)
    assert response.status_code in (400, 404)
