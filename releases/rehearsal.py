"""The rollback, rehearsed: two releases come to production, the second is taken back, and what must hold
is looked at. In a scratch database of its own, beside the one in use, which is dropped at the end.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from mlpp_gov import contract
from mlpp_gov.database import STANDIN_SQL, owner_connection
from mlpp_gov.models import User
from mlpp_gov.roles import Role
from releases import acts, readings
from releases.acts import Refused
from releases.asks import deployment_of
from releases.walk import Team

SECTIONS = ("context", "symptoms", "cause", "sql_proof", "fix", "prevention", "validation")


class Different(Exception):
    """What must hold did not; the text, in French, says what was seen."""


@contextmanager
def scratch_database() -> Iterator[str]:
    """Point both connections at an installed, empty database while it lasts; its name.

    Raises DatabaseError where the owner may create none.
    """
    owner, application = owner_connection(), connections["default"]
    usual = owner.settings_dict["NAME"], application.settings_dict["NAME"]
    name = f"mlpp_repetition_{secrets.token_hex(4)}"
    with owner.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        _point(name, name)
        _install()
        yield name
    finally:
        _point(*usual)
        with owner.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _point(owner_to: str, application_to: str) -> None:
    for connection, name in (
        (owner_connection(), owner_to),
        (connections["default"], application_to),
    ):
        connection.close()
        connection.settings_dict["NAME"] = name


def _install() -> None:
    with as_owner() as cursor:
        cursor.execute(STANDIN_SQL.read_text(encoding="utf-8"))
    contract.deploy(owner_connection())
    call_command("migrate", database="owner", verbosity=0, interactive=False)


@contextmanager
def as_owner() -> Iterator[CursorWrapper]:
    """The owner's cursor, in a transaction."""
    owner = owner_connection()
    with transaction.atomic(using=owner.alias), owner.cursor() as cursor:
        yield cursor


def gather() -> Team:
    """Three people who are there for the rehearsal only."""
    return Team(*map(_person, (Role.ADMIN, Role.DIRECTEUR, Role.PCA)), as_owner=as_owner)


def _person(role: Role) -> User:
    person = uuid4()
    with as_owner() as cursor:
        cursor.execute("INSERT INTO auth.users (id) VALUES (%s)", [person])
        cursor.execute(
            "INSERT INTO public.profils (user_id, role) VALUES (%s, %s)", [person, role.value]
        )
    return User.objects.create_user(
        role.value, full_name=str(role.label), role=role, supabase_user_id=person
    )


def rehearse(team: Team) -> Iterator[str]:
    """Do it all, and say in French what each step has shown.

    Raises Different, or what the act raises that should have passed.
    """
    _, first = team.bring_to_production(1)
    yield f"R1 ({_running()}) en staging, 48 h, puis en production"
    second_release, second = team.bring_to_production(2)
    _expect("la version en production", _running(), "v1.2.0")
    yield f"R2 ({_running()}) en staging, 48 h, puis en production"

    acts.declare_incident(
        environment="production",
        severity="critical",
        description="Les sorties ne passent plus.",
        actor=team.directeur,
    )
    target = readings.rollback_target("production")
    _expect("la cible du retour en arrière", target and target.id, first)
    yield "Incident critique : la cible du retour est R1, la dernière réussite d’avant"

    acts.begin_freeze(second_release, reason="Répétition du retour en arrière.", actor=team.pca)
    rollback = team.roll_back()
    _expect("l’état du retour en arrière", deployment_of(rollback).state, "success")
    yield "Retour en arrière fait pendant un gel, sans gate ni autorisation"
    _expect("la version en production", _running(), "v1.1.0")
    _expect("l’état de R2", deployment_of(second).state, "rolled_back")
    yield "R1 tourne en production, R2 est retirée"
    acts.end_freeze(purpose="planned", why="Le retour est fait.", actor=team.pca)

    _, third = team.wait_for_production(3)
    _expect("ce qui retient R3", _refusal(team, third), {"docs_post_mortem"})
    yield "R3 attend : le post-mortem dû empêche la mise en production suivante"
    (owed,) = readings.post_mortems_owed()
    sections = dict.fromkeys(SECTIONS, "Rempli comme il se doit.")
    acts.write_post_mortem(owed.id, sections=sections, actor=team.admin)
    _expect("ce qui retient R3", _refusal(team, third), set())
    yield "Post-mortem rempli : R3 est autorisée"


def _running() -> str | None:
    found = readings.running("production")
    return found.tag if found else None


def _refusal(team: Team, deployment: int) -> set[str]:
    """What an authorisation lacks; nothing when it is given."""
    try:
        acts.authorise(deployment, actor=team.pca)
    except Refused as refusal:
        return {condition.code for condition in refusal.unmet}
    return set()


def _expect(what: str, seen: object, expected: object) -> None:
    if seen != expected:
        raise Different(f"{what} : {seen or 'rien'} au lieu de {expected or 'rien'}")
