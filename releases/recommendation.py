"""Which scenario to carry out next: the decision matrix of the Release Gate's execution plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mlpp_gov.roles import Permission, holders
from releases.gate.reading import Gate
from releases.journal import OPEN_STATES
from releases.readings import Deployment, running_in

TITLES = {
    "A": gettext_noop("Scénario A\u00a0: staging"),
    "B": gettext_noop("Scénario B\u00a0: production"),
    "C": gettext_noop("Scénario C\u00a0: gel"),
    "gate": gettext_noop("Nouveau Release Gate requis"),
}
DECIDE = {
    "A": Permission.AUTHORISE_STAGING,
    "B": Permission.AUTHORISE_PRODUCTION,
    "C": Permission.DECIDE_FREEZE,
    "gate": Permission.CONDUCT_RELEASES,
}


@dataclass(frozen=True)
class Recommendation:
    """A scenario (A, B, C) or `gate`, why, and all that it still lacks; ready when it lacks nothing."""

    scenario: str
    why: str
    missing: Sequence[str] = ()
    under_way: Deployment | None = None

    @property
    def title(self) -> str:
        return _(TITLES[self.scenario])

    @property
    def who_decides(self) -> str:
        """As a sentence: the roles that may carry it out."""
        said = {
            "gate": _("Ouvre le gate\u00a0: {roles}."),
            "C": _("Décide de sa fin\u00a0: {roles}."),
        }.get(self.scenario, _("Décide\u00a0: {roles}."))
        return said.format(roles=", ".join(map(str, holders(DECIDE[self.scenario]))))

    @property
    def environment(self) -> str:
        """Where it deploys to; empty where it does not."""
        return {"A": "staging", "B": "production"}.get(self.scenario, "")


def recommend(gate: Gate | None, present: Sequence[Deployment]) -> Recommendation | None:
    """What the matrix says of the release whose gate this is; None where it is no candidate (any more).

    `present`: what runs and what is under way, in both environments.
    """
    if gate is None:
        return None
    of_it = [deployment for deployment in present if deployment.release == gate.release]
    ahead = running_in("production", present)
    if (ahead and ahead.release > gate.release) or any(
        d.environment == "production" and d.deployed_at for d in of_it
    ):
        return None
    # Something new after the gate comes first: no scenario goes without a gate that holds.
    if not gate.is_open:
        return Recommendation("gate", _why_a_gate(gate))
    if gate.is_frozen:
        return Recommendation(
            "C",
            _("Un gel est en cours\u00a0: rien ne part en production avant sa fin."),
        )
    under_way = next((d for d in of_it if d.state in OPEN_STATES), None)
    staging = running_in("staging", present)
    if staging and (staging.release, staging.state) == (gate.release, "success"):
        missing = gate.blocking("B")
        why = (
            _("Elle a réussi en staging\u00a0; la production attend ce qui manque encore.")
            if missing
            else _("Staging validé depuis 48\u00a0h, et tout le gate tient.")
        )
        return Recommendation("B", why, missing, _towards("production", under_way))
    return Recommendation(
        "A",
        _("Elle n’est pas validée en staging, par où tout passe."),
        gate.blocking("A"),
        _towards("staging", under_way),
    )


def _why_a_gate(gate: Gate) -> str:
    if gate.number is None:
        return _("Aucun gate n’a été ouvert pour cette release.")
    return _("Le dernier gate est nul\u00a0: {why}").format(why=gate.void)


def _towards(environment: str, under_way: Deployment | None) -> Deployment | None:
    return under_way if under_way and under_way.environment == environment else None
