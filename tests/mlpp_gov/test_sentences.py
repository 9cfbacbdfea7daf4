"""What PostgreSQL composes in French is said in English, and a sentence nobody knows is left alone."""

from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from mlpp_gov.management.commands.makemessages import SAYING
from mlpp_gov.sentences import HOLES, Template, catalogue, spoken
from mlpp_gov.sql_sentences import sentences
from tests.wording import is_french

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for path in ROOT.glob("*/**/*.sql") if SAYING.search(str(path.relative_to(ROOT)))]
SAID = sorted({sentence for path in SOURCES for sentence in sentences(path.read_text("utf-8"))})
PIECES = sorted({piece for said in SAID for piece in HOLES.split(said)[::2]})

composed = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=8).map("".join)


@pytest.fixture
def english():
    with translation.override("en"):
        yield


def in_english(text):
    with translation.override("en"):
        return spoken(text)


# --- What is said ---------------------------------------------------------------------------------


def test_every_sentence_of_the_sql_has_its_english():
    assert len(SAID) > 500
    known = catalogue("en").whole
    assert [said for said in SAID if said not in known] == [], "run: make messages"


def test_no_french_is_left_in_the_english(english):
    assert [said for said in SAID if is_french(spoken(said))] == []


@pytest.mark.parametrize(
    ("french", "english"),
    [
        (
            "Camion C1 : arrivé sans réception validée, cours de route créé le 2/3 (destination inconnue)",
            "Truck C1: arrived without a validated réception, CDR created on 2/3 (destination unknown)",
        ),
        (
            "Sortie de T1 · sans dépôt, camion CD-1 : volume ambiant absent ; ni client ni partenaire",
            "Sortie from T1 · no depot, truck CD-1: ambient volume missing; neither customer nor partner",
        ),
        (
            "Camion CD-1 : chargement à 200 jours de la création ; création datée de l’infini",
            "Truck CD-1: loading 200 days away from the creation; creation dated infinity",
        ),
        (
            "1 cycle(s) vert(s) de suite sur main, 2 demandé(s) ; le dernier a plus de 36 h ; aucun sur ce commit",
            "1 green cycle(s) in a row on main, 2 needed; the last is more than 36 h old; none on this commit",
        ),
        (
            "Audit RLS sans écart, 0 policy {public} : sans réponse.",
            "RLS audit without gap, 0 policy {public}: not answered.",
        ),
        (
            "étapes non faites\u00a0: «\u00a0Doc package créé\u00a0», «\u00a0Y\u00a0»",
            "steps not done: “Doc package created”, “Y”",
        ),
        ("Taux d’erreur de 6 %, plus de 5.", "Error rate of 6%, more than 5."),
    ],
)
def test_what_fills_a_sentence_is_said_too(french, english):
    assert in_english(french) == english


def test_in_french_it_is_as_it_was():
    assert spoken(SAID[0]) == SAID[0]


@pytest.mark.parametrize(
    "text",
    [
        "Panne sur TANK3, du matin : relire",
        "gasoil · Kinshasa : vu (lundi)",
        "12 % du %s",
        "voir «\u00a0sans dépôt\u00a0» au registre",
        "",
        "\0",
    ],
)
def test_what_nobody_knows_is_left_alone(text):
    assert in_english(text) == text


def test_what_people_wrote_is_left_alone_in_a_sentence():
    assert in_english("gel en cours : Panne sur TANK3") == "freeze in progress: Panne sur TANK3"


def test_a_translation_may_turn_the_order_round():
    template = Template.of("%s pour %s : 5 %%", "%2$s for %1$s: 5%%")
    assert template.filled(template.fillings("trois pour deux : 5 %")) == "deux for trois: 5%"


@given(composed | st.text())
def test_any_text_has_an_answer_and_french_is_untouched(text):
    assert isinstance(in_english(text), str)
    assert spoken(text) == text


@given(st.text(alphabet="αβγ0123456789 ,;:.«»\u00a0·%()"))
def test_a_text_without_a_known_word_comes_back(text):
    assert in_english(text).translate({ord(c): None for c in "«»“”\u00a0"}) == text.translate(
        {ord(c): None for c in "«»\u00a0"}
    )


# --- How it is found ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("-- why: Rien ne va.\nSELECT 1", ["Rien ne va."]),
        ("-- threshold: delai = 2 jours [0 ; 9] Délai accordé", ["jours", "Délai accordé"]),
        ("-- ceci n’est pas dit\nSELECT 1 /* ni 'cela non plus' */", []),
        ("SELECT 'd''une citerne'", ["d'une citerne"]),
        ("SELECT format('écart de %s %%', x)", ["écart de %s %%"]),
        ("SELECT format('plus de 5 %%')", ["plus de 5 %"]),
        ("RAISE EXCEPTION 'Seuil inconnu : % de %.', a, b", ["Seuil inconnu : %s de %s."]),
        ("SELECT 'écart de ' || f(x, 'y') || ' L sur 5 %'", ["écart de %s L sur 5 %%"]),
        (
            "SELECT 'daté du ' || x || CASE WHEN y THEN ', dans l’avenir' END",
            [", dans l’avenir", "daté du %s%s"],
        ),
        ("SELECT 'La phrase qui'\n' continue'", ["La phrase qui continue"]),
        ("SELECT E'une ligne\\n' 'et une autre'", ["une ligne\net une autre"]),
        (r"SELECT U&'en 15\00A0minutes'", ["en 15\u00a0minutes"]),
        ("fautes := fautes || 'la preuve manque'::text", ["la preuve manque"]),
        ("SELECT 'CRITICAL', 'depot_id', '24 hours', 'REVOKE ALL ON t FROM anon'", []),
        ("SELECT coalesce(nom, 'inconnue')", ["inconnue"]),
    ],
)
def test_a_sentence_is_found_in_the_sql_by_what_it_looks_like(sql, found):
    assert list(sentences(sql)) == found


def test_what_python_stores_is_found_as_well():
    said = "échue depuis le 02/03/2026 : vu avec le dépôt"
    assert in_english(said) == "expired since 02/03/2026: vu avec le dépôt"
