"""The report of a deployment: all that traceability asks for, on a page and in a file."""

from html import unescape

import pytest
from markdown import markdown

from releases import acts, readings
from releases.acts import Plan, Refused
from releases.deployments.markdown import escaped, table
from tests.releases.conftest import Team

HOSTILE = "a | b `c` *d* [e](javascript:f) <img src=x onerror=g> &lt; # h\n- i_j_k \\ ~~l~~"


@pytest.fixture
def eventful(team: Team) -> int:
    """A deployment of production, authorised on a 🟡, watched, corrected, with an incident."""
    release = team.register(1)
    team.pass_gate(release)
    team.succeed_in("staging", release)
    team.time_passes(hours=49)
    team.pass_gate(release)
    deployment = acts.open_deployment(
        release, environment="production", plan=Plan(), actor=team.admin
    )
    with pytest.raises(Refused):
        acts.authorise(deployment, actor=team.pca)
    acts.fail(deployment, why="À reprendre.", actor=team.admin)
    deployment = team.prepare(release, "production")
    with pytest.raises(Refused):
        acts.start(deployment, commit="1d6d3c8", configuration="bbbbbbbb00000002", actor=team.admin)
    team.start(deployment)
    acts.report_attempt(
        deployment, step="build", succeeded=False, details="Cache corrompu.", actor=team.admin
    )
    acts.report_attempt(deployment, step="deploy", succeeded=True, actor=team.admin)
    acts.report_watch(
        deployment, error_percent="0.4", unavailable_minutes="1.5", note="Calme.", actor=team.admin
    )
    acts.declare_incident(
        environment="production", severity="minor", description=HOSTILE, actor=team.pca
    )
    team.validate(deployment)
    acts.correct(deployment, text="La fenêtre a été prolongée.", actor=team.directeur)
    return deployment


def test_it_holds_all_that_traceability_asks_for(team, eventful, get):
    it = readings.deployment(eventful)
    page, file = get(f"{eventful}/report/"), get(f"{eventful}/report.md")
    assert file["Content-Type"] == "text/markdown; charset=utf-8"
    assert file["Content-Disposition"].startswith('attachment; filename="DEPLOYMENT_REPORT_2')
    facts = dict(page.context["report"].facts)
    assert facts["Résultat"] == "Succès"
    assert facts["Tag"] == it.tag
    assert facts["Commit"] == it.commit
    assert facts["Validateur"] == f"{team.pca} (PCA)"
    assert facts["Opérateur"] == str(team.admin)
    assert facts["Sauvegarde"] == "backups/prod_2026.dump"
    assert facts["Durée"] == "2\u00a0h"
    assert facts["Démarré avec"] == "commit 1d6d3c8, configuration bbbbbbbb00000002"
    text = unescape(page.text)
    for said in (
        "Nightly complète verte sur main : 1 cycle pour A, 2 pour B",
        "48 demandées",
        "build échoué\u00a0: Cache corrompu.",
        "Commencer le déploiement",
        "0,4\u00a0%",
        "1,5\u00a0min",
        "La fenêtre a été prolongée.",
        "Personne n’a autorisé ce déploiement.",
        f"{team.pca} (PCA)",
        "Produit le",
    ):
        assert said in text, said
        assert escaped(said) in file.text, said
    assert HOSTILE.splitlines()[0] in text
    assert "<img src=x" not in page.text


def test_the_gate_is_the_one_that_was_read_when_it_was_authorised(team, eventful, get):
    team.time_passes(hours=1)
    release = readings.deployment(eventful).release
    acts.begin_freeze(release, reason="Clôture du mois.", actor=team.pca)
    now = {item.code: item.evidence for item in readings.gate_checklist(release, "B")}
    assert now["system_freeze"] == "gel en cours : Clôture du mois."
    page = get(f"{eventful}/report/")
    gate = page.context["report"].sections[0]
    assert gate.title == "Release Gate, au moment de l’autorisation"
    assert ("Aucun gel en cours", "Oui", "aucun", "le système") in gate.rows


def test_before_it_is_authorised_the_report_says_what_there_is(team, get):
    release = team.register(1)
    deployment = acts.open_deployment(
        release, environment="staging", plan=Plan(), actor=team.directeur
    )
    facts = dict(get(f"{deployment}/report/", who=team.pca).context["report"].facts)
    assert facts["Résultat"] == "Pas terminé\u00a0: en préparation"
    assert facts["Validateur"] == "personne encore"
    assert facts["Sauvegarde"] == "—"
    assert "Sans réponse" in get(f"{deployment}/report.md").text


def test_a_rollback_says_what_it_took_back_and_why(team, get):
    team.bring_to_production(1)
    team.bring_to_production(2)
    rollback = team.roll_back()
    report = get(f"{rollback}/report/").context["report"]
    facts = dict(report.facts)
    assert facts["Reprend"] == "v1.2.0"
    assert facts["Raison"] == "Les sorties ne passent plus."
    assert facts["Post-mortem"].startswith("dû pour le ")
    assert "Validateur" not in facts
    taken = readings.deployment(rollback).replaces
    facts = dict(get(f"{taken}/report/").context["report"].facts)
    assert facts["Résultat"] == f"Rollback\u00a0: retiré par le n°\u00a0{rollback}"


def test_whatever_people_typed_stays_text_in_markdown():
    cell = table(("Texte",), [(HOSTILE,)]).splitlines()
    assert len(cell) == 3, "a line is a row"
    html = markdown("\n".join(cell), extensions=["tables"])
    assert html.count("<td>") == 1
    assert "<img" not in html
    assert "<code>" not in html
    assert "<em>" not in html
    assert "<a " not in html
    shown = unescape(html[html.index("<td>") + 4 : html.index("</td>")]).replace("\\", "")
    assert shown == HOSTILE.replace("\n", "<br>").replace("\\", "")


def test_an_address_stays_a_link_and_nothing_else_becomes_one():
    assert escaped("Vu : https://ci.example.org/a_b/1?x=*.") == (
        "Vu : <https://ci.example.org/a_b/1?x=>\\*."
    )
    assert escaped("https://x.org/|a>b") == "<https://x.org/>\\|a&gt;b"
    assert escaped("javascript:alert(1)\r\n\u2028") == "javascript:alert(1)<br>"
