"""The page of the audit: what it says, to whom, and that no name in the database can speak in it."""

import re
from html import unescape

import pytest
from django.db import connection

from integrity.rls import accepted, audit, history, page
from integrity.rls.export import as_json, text_lines
from tests.database import as_owner

PAGE = "/governance/rls/"
COCKPIT = "/governance/"
HOSTILE = 'x"; DROP TABLE clients; --\n<script>alert(1)</script>\u202e[error] PUBLIC_POLICY'
QUOTED = '"' + HOSTILE.replace('"', '""') + '"'


def plant(sql):
    with as_owner() as cursor:
        cursor.execute(sql)


def public_policy(name="ancienne"):
    plant(
        f"CREATE POLICY {name} ON public.clients FOR SELECT USING ((SELECT auth.uid()) IS NOT NULL)"
    )


@pytest.fixture
def get(pca, client_of):
    client = client_of(pca)
    return lambda path=PAGE: client.get(path)


@pytest.fixture
def recorded(db):
    """An audit recorded with a matrix of one table."""
    matrix = {
        "visitors": ["anon", "admin", "operateur"],
        "relations": [
            {
                "name": "public.clients",
                "cells": [
                    ["refusé"] * 4,
                    ["oui", "selon la ligne", "aucune ligne", "refusé"],
                    ["inconnu"] * 4,
                ],
            }
        ],
    }
    history.record(connection, audit.run(connection, []), path=history.Path.COMMAND, matrix=matrix)


def test_the_standard_is_the_headline(get):
    text = get().text
    assert "Audit RLS&nbsp;: 0&nbsp;policy {public}</h1>" in text
    public_policy()
    assert "Audit RLS&nbsp;: 1&nbsp;policy {public}</h1>" in get().text


def test_a_finding_says_why_what_to_do_where_it_comes_from_and_the_sql_to_review(get):
    public_policy()
    text = unescape(get().text)
    rule = audit.RULES["PUBLIC_POLICY"]
    for said in (rule.title, rule.why, rule.action, rule.reference):
        assert said in text
    assert "ALTER POLICY ancienne ON public.clients TO authenticated;" in text
    assert "jamais exécuté" in text


def test_opening_the_page_changes_nothing(get, recorded):
    with as_owner() as cursor:
        cursor.execute("SELECT count(*) FROM gouvernance.rls_audits")
        before = cursor.fetchone()
        get()
        cursor.execute("SELECT count(*) FROM gouvernance.rls_audits")
        assert cursor.fetchone() == before


def test_what_was_never_tried_or_recorded_is_said_to_be_unknown(get):
    text = get().text
    assert "Inconnu&nbsp;: les rôles n’ont pas encore été essayés" in text
    assert "Inconnu&nbsp;: aucun audit n’est encore enregistré" in text


def test_the_matrix_says_in_words_what_its_letters_say(get, recorded):
    text = get().text
    assert 'data-label="anon"><span><span aria-hidden="true">—</span>' in text
    assert (
        '<span aria-hidden="true">L A? M0</span><span class="visually-hidden">lire : oui,'
        " ajouter : selon la ligne, modifier : aucune ligne, supprimer : refusé</span>" in text
    )
    assert '<span aria-hidden="true">inconnu</span>' in text


def test_what_changed_since_the_last_audit_is_listed(get, recorded):
    assert "Rien n’a changé." in get().text
    public_policy()
    text = get().text
    assert "Apparus&nbsp;: 1" in text
    assert "policy ancienne ON public.clients" in text


def test_accepted_findings_are_apart_with_reason_and_end(get, tmp_path, monkeypatch):
    path = tmp_path / "accepted.toml"
    path.write_text(
        '[[accepted]]\nfinding = "PUBLIC_POLICY"\nobject = "policy ancienne ON public.clients"\n'
        'reason = "Le temps de <b>migrer</b>."\nuntil = 9999-12-31\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(accepted, "read", lambda read=accepted.read: read(path))
    public_policy()
    text = get().text
    assert "Bloquants&nbsp;: 0" in text
    assert "Acceptés&nbsp;: 1" in text
    assert "Le temps de &lt;b&gt;migrer&lt;/b&gt;." in text
    assert "31 décembre 9999" in text or "31 déc. 9999" in text


def test_an_unreadable_file_of_acceptances_is_said_and_accepts_nothing(get, tmp_path, monkeypatch):
    path = tmp_path / "accepted.toml"
    path.write_text("[[accepted]]", encoding="utf-8")
    monkeypatch.setattr(accepted, "read", lambda read=accepted.read: read(path))
    response = get()
    assert response.status_code == 200
    assert "Acceptation n° 1" in unescape(response.text)


def test_a_rule_with_many_objects_shows_some_and_says_how_many_more(get, monkeypatch):
    monkeypatch.setattr(page, "SHOWN", 2)
    for n in range(5):
        public_policy(f"p{n}")
    text = get().text
    assert "Et 3 autres&nbsp;:" in text
    assert "policy p1 ON" in text
    assert "policy p2 ON" not in text


def test_hostile_names_are_only_text_in_the_page(get, recorded):
    public_policy(QUOTED)
    plant(f"CREATE TABLE public.{QUOTED} (id integer)")
    text = get().text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_hostile_names_can_not_pass_for_lines_of_the_report_nor_leave_their_sql(db):
    public_policy(QUOTED)
    plant(f"CREATE TABLE public.{QUOTED} (id integer)")
    found = audit.run(connection, [])
    assert {f.rule.code for f in found.failing} == {"PUBLIC_POLICY", "RLS_OFF"}
    lines = list(text_lines(found))
    assert [line for line in lines if line.startswith("<script>")] == []
    assert not any("\u202e" in line for line in lines)
    assert "\n<script>" not in as_json(found)
    for finding in found.failing:
        plant(finding.fix)
    assert audit.run(connection, []).failing == []
    plant("SELECT FROM public.clients")  # still there


@pytest.mark.parametrize(
    "query", ["?page=999999999999", "?x=%00", "?finding=%27%22%3C", "?%FF=%FF"]
)
def test_an_odd_query_string_is_no_error(get, query):
    assert get(PAGE + query).status_code in (200, 400)


def test_the_number_of_queries_does_not_grow_with_what_is_found(
    get, recorded, django_assert_max_num_queries
):
    for n in range(20):
        public_policy(f"p{n}")
    with django_assert_max_num_queries(11):  # 8, and the savepoint a test's transaction adds
        get()


def tile(text):
    (found,) = re.findall(rf'<a class="counter[^"]*" href="{PAGE}">(.*?)</a>', text, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(found))).strip()


def test_the_cockpit_says_unknown_until_an_audit_is_recorded(get):
    assert tile(get(COCKPIT).text) == "— Audit RLS aucun audit enregistré"


def test_the_cockpit_counts_what_failed_in_the_last_audit(get, recorded):
    assert tile(get(COCKPIT).text) == "0 Audit RLS constats bloquants, à l’instant"
    public_policy()
    history.record(connection, audit.run(connection, []), path=history.Path.WORKER)
    assert tile(get(COCKPIT).text).startswith("1 Audit RLS")
