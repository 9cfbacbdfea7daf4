"""Whether the periodic work is done, and by whom."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from mlpp_gov.doctor.bounds import asked
from mlpp_gov.doctor.registry import Finding, check, fail, ok, warn
from mlpp_gov.health import LAST_EVALUATION, evaluation_verdict

# Workers say that they live every ten seconds, and others take their jobs over after thirty.
SECONDS_OF_SILENCE = 30
WORKERS = """
    SELECT
        count(*) FILTER (WHERE last_heartbeat > now() - make_interval(secs => %s)),
        (SELECT now() - max(finished_at) FROM gouvernance.sync_runs)
    FROM gouvernance.procrastinate_workers
"""
START_ONE = "Lancez «\u00a0manage.py worker\u00a0» (docs/evaluation-periodique.md)."


@check("worker", "Workers", asks_database=True)
def a_worker_lives() -> Finding:
    ((alive, age),) = asked(WORKERS, [SECONDS_OF_SILENCE])
    if alive:
        return ok(f"En vie\u00a0: {alive}.")
    if age is not None and age <= settings.SYNC_STALE_AFTER:
        return warn(
            "Aucun n’est en vie. L’évaluation vient d’ailleurs (cron, pg_cron), mais ni les mots de "
            "passe oubliés, ni l’audit RLS de chaque jour ne partent.",
            START_ONE,
        )
    return fail("Aucun n’est en vie\u00a0: rien n’est évalué, aucun message ne part.", START_ONE)


@check("evaluation", "Évaluation des contrôles", asks_database=True)
def checks_were_evaluated_lately() -> Finding:
    """By the same rules as /health."""
    row: Any = next(iter(asked(LAST_EVALUATION)), None)
    verdict = evaluation_verdict(row)
    evaluation, failing = (verdict.checks.get(name) for name in ("evaluation", "integrity"))
    said = ", ".join(filter(None, (evaluation, failing))).capitalize()
    match verdict.status:
        case "fail":
            return fail(
                f"{said}.",
                "docs/evaluation-periodique.md, «\u00a0Quand elle s’arrête\u00a0», dit que vérifier.",
            )
        case "warn":
            return warn(
                f"{said}.",
                "Lancez «\u00a0manage.py sync_alerts\u00a0»\u00a0: il évalue et nomme ce qui échoue."
                if evaluation
                else "L’état des contrôles, dans le cockpit, dit lesquels et pourquoi.",
            )
    minutes = row[0] // timedelta(minutes=1) if row else 0
    return ok(f"Il y a {minutes}\u00a0min." if minutes > 0 else "Il y a moins d’une minute.")
