"""PROPRIETAIRE_INCOHERENT: whose product it is, said twice and not the same way."""

import pytest

from tests import business

CODE = "PROPRIETAIRE_INCOHERENT"


@pytest.fixture
def partner(owner):
    return business.insert(owner, "partenaires", nom="Partenaire Mines")


def test_fires_on_a_monaluxe_reception_with_a_partner_and_clears_without(owner, anomalies, partner):
    business.reception(owner, proprietaire_type="PARTENAIRE", partenaire_id=partner)
    assert anomalies(CODE) == []

    wrong = business.reception(owner, partenaire_id=partner, date_reception="2026-02-12")
    (anomaly,) = anomalies(CODE)
    assert (anomaly["severity"], anomaly["entity_type"]) == ("WARN", "RECEPTION")
    assert anomaly["entity_id"] == wrong
    assert anomaly["message"].startswith("Réception du 12/02/2026 dans TANK3 · Dépôt Daipn")
    assert "Partenaire Mines" in anomaly["message"]
    assert anomaly["payload"]["partenaire_id"] == str(partner)
    assert anomaly["payload"]["occurred_at"].startswith("2026-02-12")

    owner.execute("ALTER TABLE public.receptions DISABLE TRIGGER USER")
    owner.execute("UPDATE public.receptions SET partenaire_id = NULL WHERE id = %s", [wrong])
    assert anomalies(CODE) == []


def test_fires_on_a_partners_legacy_reception_without_partner(owner, anomalies):
    owner.execute("ALTER TABLE public.receptions DROP CONSTRAINT receptions_partenaire_check")
    wrong = business.reception(owner, proprietaire_type="PARTENAIRE")
    (anomaly,) = anomalies(CODE)
    assert anomaly["entity_id"] == wrong
    assert "propriétaire PARTENAIRE, sans partenaire" in anomaly["message"]


def test_a_sortie_with_two_faults_gives_one_row_that_names_both(owner, anomalies, partner):
    business.sortie(owner)
    business.sortie(owner, client_id=None, partenaire_id=partner, proprietaire_type="PARTENAIRE")
    assert anomalies(CODE) == []

    wrong = business.sortie(owner, partenaire_id=partner)
    (anomaly,) = anomalies(CODE)
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("SORTIE", wrong)
    assert "mais partenaire Partenaire Mines" in anomaly["message"]
    assert "un client et un partenaire à la fois" in anomaly["message"]


@pytest.mark.parametrize("statut", ["brouillon", "rejetee"])
def test_only_validated_movements_are_judged(owner, anomalies, partner, statut):
    business.sortie(owner, statut=statut, partenaire_id=partner)
    business.reception(owner, statut="rejetee", partenaire_id=partner)
    assert anomalies(CODE) == []


def test_absurd_rows_are_told_and_break_nothing(owner, anomalies, partner):
    business.reception(
        owner, partenaire_id=partner, volume_ambiant=float("nan"), date_reception="infinity"
    )
    business.sortie(
        owner,
        partenaire_id=partner,
        plaque_camion=None,
        volume_ambiant=1e308,
        date_sortie="-infinity",
    )
    assert [anomaly["payload"]["occurred_at"] for anomaly in anomalies(CODE)] == [None, None]
