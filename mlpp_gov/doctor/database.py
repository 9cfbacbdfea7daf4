"""The database: reachable, as whom, through what, with what installed, and at what time."""

from contextlib import ExitStack, closing
from datetime import timedelta

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from mlpp_gov import contract
from mlpp_gov.database import PrivilegedLogin, check_login
from mlpp_gov.doctor.bounds import asked, bounded
from mlpp_gov.doctor.registry import Finding, cause, check, fail, ok, warn
from mlpp_gov.health import CONTRACT_PRESENT, OK, DatabaseProbe, hung_up_after
from mlpp_gov.templatetags.governance import number

OLDEST, NEWEST = 15, 18  # major versions of PostgreSQL that the tests run on
SECONDS_TO_ANSWER = 5
LOGIN = """
    SELECT
        current_user,
        coalesce(pg_has_role(current_user, to_regrole('authenticated')::oid, 'MEMBER'), false),
        current_schema() = 'gouvernance',
        current_setting('search_path')
"""
DEPLOY = "Avec DATABASE_OWNER_URL\u00a0: «\u00a0manage.py contract deploy\u00a0»."
CONTRACT_SECONDS = 60
DIFFERENCES_SHOWN = 3
CLOCK_DRIFTS, CLOCK_LIES = timedelta(seconds=5), timedelta(seconds=60)
# Two visits of two clients: enough for a pooler to hand one server connection to both, or to change it.
VISITS = 5
POOLER_SECONDS = 5


@check("database", "Base de données")
def database_answers() -> Finding:
    probe = DatabaseProbe(connection.get_connection_params(), deadline=SECONDS_TO_ANSWER)
    probe.start()  # nothing else bounds a server that lets us in and falls silent
    if probe.verdict_by_deadline().checks["database"] != OK:
        why = cause(probe.failure) if probe.failure else f"rien en {SECONDS_TO_ANSWER}\u00a0s."
        return fail(
            f"Elle ne répond pas\u00a0: {why}",
            "Vérifiez que PostgreSQL (ou le pooler) tourne, puis l’hôte, le port, le nom et le mot "
            "de passe de DATABASE_URL.",
        )
    try:
        connection.ensure_connection()
    except PrivilegedLogin as refusal:
        return fail(refusal.said, refusal.to_do)
    version = connection.connection.info.server_version
    major, minor = divmod(version, 10_000)
    if major < OLDEST:
        return fail(
            f"PostgreSQL {major}.{minor} est trop ancien.",
            f"Il faut PostgreSQL {OLDEST} ou plus récent.",
        )
    if major > NEWEST:
        return warn(
            f"PostgreSQL {major}.{minor} n’a pas été essayé.",
            f"Prenez PostgreSQL {OLDEST} à {NEWEST}, ou essayez d’abord en préproduction.",
        )
    return ok(f"PostgreSQL {major}.{minor}.")


@check("login", "Rôle de l’application", asks_database=True)
def login_has_its_rights_and_no_more() -> Finding:
    ((login, is_member, finds_tables, search_path),) = asked(LOGIN)
    try:
        check_login(connection)
    except PrivilegedLogin as refusal:
        return fail(refusal.said, refusal.to_do)
    if not is_member:
        return fail(
            f"{login} n’est pas membre d’authenticated\u00a0: personne ne verrait d’alerte.",
            f"{DEPLOY} Il l’accorde à mlpp_gov_app, avec lequel l’application se connecte.",
        )
    if not finds_tables:
        return fail(
            f"search_path vaut {search_path}\u00a0: les tables de gouvernance ne sont pas trouvées.",
            f"{DEPLOY} Il le règle sur le rôle ; fermez ensuite les connexions que garde le pooler.",
        )
    return ok(f"{login}\u00a0: ni SUPERUSER, ni BYPASSRLS, ni INHERIT, membre d’authenticated.")


@check("pooling", "Mode du pooler", asks_database=True)
def pooler_is_as_declared() -> Finding:
    """Outside a transaction: where the pooler has one server connection, this one would hold it."""
    try:
        is_shared = server_connections_are_shared()
    except psycopg.Error as error:
        return warn(
            f"Deux connexions de plus n’ont pas répondu\u00a0: {cause(error)}",
            "Le pooler ou PostgreSQL manque de connexions\u00a0: augmentez leur nombre.",
        )
    if is_shared and settings.DATABASE_POOLING != "transaction":
        return fail(
            "Un pooler en mode transaction est devant la base, et DATABASE_POOLING vaut "
            f"{settings.DATABASE_POOLING}\u00a0: les workers n’entendent pas qu’une tâche arrive.",
            "Mettez DATABASE_POOLING=transaction, pour le site et les workers.",
        )
    if not is_shared and settings.DATABASE_POOLING == "transaction":
        return warn(
            "Aucun pooler en mode transaction n’a été vu, et DATABASE_POOLING vaut transaction\u00a0: "
            "les workers relisent la file toutes les cinq secondes pour rien.",
            "Mettez DATABASE_POOLING=direct, ou session derrière un pooler en mode session.",
        )
    return ok(
        "Mode transaction, comme réglé." if is_shared else "Connexion directe ou mode session."
    )


def server_connections_are_shared() -> bool:
    """Whether two clients get one server process, or one client several: transaction mode alone does.

    Raises psycopg.Error when they can't connect, or no server connection comes in time.
    """
    parameters = {
        **connection.get_connection_params(),
        "autocommit": True,
        "prepare_threshold": None,
    }
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(psycopg.connect(**parameters))) for _ in range(2)]
        for client in clients:
            stack.enter_context(hung_up_after(client, POOLER_SECONDS))
        seen: list[set[int]] = [set(), set()]
        for _ in range(VISITS):
            for client, processes in zip(clients, seen, strict=True):
                (process,) = client.execute("SELECT pg_backend_pid()").fetchone() or (0,)
                processes.add(process)
    first, second = seen
    return bool(first & second) or len(first) > 1 or len(second) > 1


@check("migrations", "Migrations", asks_database=True)
def every_migration_is_applied() -> Finding:
    with bounded(connection):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        first = plan[0][0]
        return fail(
            f"Il en manque {number(len(plan))}, à partir de {first.app_label}.{first.name}.",
            "Avec DATABASE_OWNER_URL\u00a0: «\u00a0manage.py migrate --database owner\u00a0», puis redémarrez.",
        )
    return ok("Toutes appliquées.")


@check("contract", "Contrat SQL", asks_database=True)
def contract_is_deployed() -> Finding:
    """Whole where the owner's login is given; else only whether its main objects are there."""
    ((is_there,),) = asked(CONTRACT_PRESENT)
    if not is_there:
        return fail("Les objets de gouvernance manquent.", DEPLOY)
    if "owner" not in connections:
        return ok(
            "Présent. Définitions et droits n’ont pas été comparés\u00a0: il y faut DATABASE_OWNER_URL, "
            "à ne donner qu’à cette commande."
        )
    owner = connections["owner"]
    try:
        owner.ensure_connection()
        with bounded(owner, seconds=CONTRACT_SECONDS):
            states = contract.status(owner)
    except DatabaseError as error:
        return warn(
            f"Présent, mais pas comparé\u00a0: le propriétaire est refusé. {cause(error)}",
            "Corrigez DATABASE_OWNER_URL, ou retirez-la\u00a0: l’application n’en a pas besoin.",
        )
    differences = [str(state) for state in states if not state.conforms]
    if differences:
        more = len(differences) - DIFFERENCES_SHOWN
        said = " ; ".join(differences[:DIFFERENCES_SHOWN])
        return fail(
            f"{said}{f' ; et {more} autres' if more > 0 else ''}.",
            "«\u00a0manage.py contract verify\u00a0» les nomme tous ; «\u00a0manage.py contract deploy\u00a0» "
            "remet ce que la version attend. Cherchez d’abord qui les a changés.",
        )
    return ok(f"Les {len(states)} objets sont conformes.")


@check("clock", "Horloge", asks_database=True)
def clocks_agree() -> Finding:
    """This machine's against PostgreSQL's, which dates everything; and the zone is one it knows."""
    before = timezone.now()
    ((there, zone_is_known),) = asked(
        "SELECT clock_timestamp(), EXISTS (SELECT FROM pg_timezone_names WHERE name = %s)",
        [settings.TIME_ZONE],
    )
    after = timezone.now()
    if not zone_is_known:
        return fail(
            f"PostgreSQL ne connaît pas le fuseau {settings.TIME_ZONE} (APP_TIME_ZONE).",
            "Prenez un nom que les deux connaissent, par exemple Africa/Lubumbashi.",
        )
    difference = max(before - there, there - after, timedelta(0))
    if difference > CLOCK_DRIFTS:
        return (fail if difference > CLOCK_LIES else warn)(
            f"Cette machine et PostgreSQL diffèrent de {number(int(difference.total_seconds()))}\u00a0s\u00a0: "
            "échéances, sessions et codes à six chiffres s’en ressentent.",
            "Mettez les deux machines à l’heure (NTP, chrony).",
        )
    return ok(f"À l’heure de PostgreSQL ; fuseau {settings.TIME_ZONE}.")
