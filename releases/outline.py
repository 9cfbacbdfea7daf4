"""Releases and deployments as programs read them: the answers of the API and of `manage.py release --json`.

Moments are ISO 8601 in UTC. People are not named: these go to scripts and their logs.
"""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse

from releases import readings
from releases.readings import Deployment, Release, fetch

Outline = dict[str, Any]


def release(found: Release) -> Outline:
    """Which one it is, and where to read more."""
    return {
        "id": found.id,
        "tag": found.tag,
        "commit": found.commit,
        "category": found.category,
        "registered_at": found.registered_at,
        "url": _address("release_api:release", found.tag),
        "page": _address("releases:release", found.tag),
    }


def deployment(found: Deployment) -> Outline:
    """Which one it is, the state that it is in and since when."""
    return {
        "id": found.id,
        "tag": found.tag,
        "commit": found.commit,
        "environment": found.environment,
        "kind": found.kind,
        "state": found.state,
        "authorised_at": found.authorised_at,
        "started_at": found.started_at,
        "deployed_at": found.deployed_at,
        "finished_at": found.finished_at,
        "outcome": found.outcome,
        "url": _address("release_api:deployment", found.id),
        "page": _address("deployments:detail", found.id),
    }


def whole_release(found: Release) -> Outline:
    """A release, what keeps it from each scenario, and its deployments."""
    rows = fetch("gate_missing", release=found.id)
    unmet = {row["scenario"]: json.loads(row["unmet"]) for row in rows}
    deployments = [deployment(one) for one in readings.deployments_of(found.id)]
    return {**release(found), "missing": unmet, "deployments": deployments}


def whole_deployment(found: Deployment) -> Outline:
    """A deployment, and what keeps it from its next state."""
    (row,) = fetch("deployment_missing", deployment=found.id)
    return {**deployment(found), "missing": json.loads(row["unmet"])}


def running() -> Outline:
    """What runs where, what a rollback would go back to, the freeze, and the post-mortems that are owed."""
    return {
        "environments": {
            environment: {
                "running": _or_nothing(readings.running(environment)),
                "rollback_target": _or_nothing(readings.rollback_target(environment)),
            }
            for environment in ("staging", "production")
        },
        "freeze": next(iter(fetch("freeze")), None),
        "post_mortems_owed": [
            {"id": owed.id, "rollback": owed.rollback, "due_on": owed.due_on}
            for owed in readings.post_mortems_owed()
        ],
    }


def _or_nothing(found: Deployment | None) -> Outline | None:
    return deployment(found) if found else None


def _address(route: str, argument: object) -> str:
    return settings.PUBLIC_URL + reverse(route, args=[argument])
