"""The header of a finding's file: complete, known, or refused with what is wrong."""

import pytest

from integrity.rls.catalogue import Level, RuleFileError, catalogue, parse

HEADER = {
    "code": "X",
    "level": "warn",
    "title": "Titre",
    "why": "Pourquoi",
    "action": "Que faire",
    "reference": "https://example.org/",
}


def text_of(header, sql="SELECT 1"):
    return "".join(f"-- {key}: {value}\n" for key, value in header.items()) + sql


def test_a_complete_file_is_read():
    rule = parse(text_of(HEADER))
    assert (rule.code, rule.level, rule.sql) == ("X", Level.WARN, "SELECT 1")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        *[(text_of({k: v for k, v in HEADER.items() if k != key}), key) for key in HEADER],
        (text_of({**HEADER, "couleur": "rouge"}), "couleur"),
        ("-- code: Y\n" + text_of(HEADER), "code"),
        (text_of(HEADER, sql=""), "sql"),
        (text_of({**HEADER, "level": "fatal"}), "fatal"),
        ("", "code"),
    ],
)
def test_an_incomplete_unknown_or_repeated_line_is_refused_by_its_name(text, complaint):
    with pytest.raises(RuleFileError, match=complaint):
        parse(text)


def test_every_finding_says_where_it_comes_from_in_sentences():
    for rule in catalogue().values():
        assert rule.reference.startswith("https://"), rule.code
        assert rule.why.endswith("."), rule.code
        assert rule.action.endswith("."), rule.code
