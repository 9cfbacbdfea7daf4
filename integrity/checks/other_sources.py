"""Alerts that no check raises: what they are called, where their cause is seen, and what to do about it.

The same codes as `gouvernance.other_sources()`.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_noop


@dataclass(frozen=True)
class OtherSource:
    """`view` has the columns of v_integrity_checks; `query` reads it; `route` is the page that shows more."""

    code: str
    label: str
    why: str
    action: str
    limits: str
    view: str
    query: str
    route: str


SUSPECT_ACCESSES = OtherSource(
    code="ACCES_SUSPECTS",
    label=gettext_noop("Accès suspects"),
    why=gettext_noop(
        "Les refus (connexion ratée, page interdite ou demandée sans connexion) sont bien plus nombreux "
        "que d’habitude\u00a0: quelqu’un essaie peut-être d’entrer, ou un accès légitime est cassé."
    ),
    action=gettext_noop(
        "Ouvrir le journal des accès et regarder d’où viennent les refus et quels comptes ils visent. Une "
        "seule adresse\u00a0: la faire bloquer au proxy ou au pare-feu. Un compte visé\u00a0: prévenir la "
        "personne, changer son mot de passe. Une panne\u00a0: prévenir l’équipe technique."
    ),
    limits=gettext_noop(
        "L’alerte se ferme d’elle-même quand les refus redeviennent habituels\u00a0: le journal garde ce "
        "qui s’est passé. Une attaque lente, sous 20 refus par quart d’heure, ne la déclenche pas."
    ),
    view="gouvernance.check_acces_suspects",
    query="suspect_accesses",
    route="access:journal",
)
OTHER_SOURCES = {source.code: source for source in (SUSPECT_ACCESSES,)}
