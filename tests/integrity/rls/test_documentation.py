"""docs/audit-rls.md: every finding is in its table, and its CI job does what it says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from integrity.rls.accepted import EXPIRED, UNUSED
from integrity.rls.catalogue import catalogue
from tests.database import Database, create_database, drop_database
from tests.sql.conftest import PG_DUMP

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs/audit-rls.md").read_text(encoding="utf-8")
NAME = "mlpp_ci_restored"


@pytest.fixture
def workflow():
    yaml = pytest.importorskip("yaml")
    _, _, rest = DOCUMENT.partition("<!-- workflow -->\n```yaml\n")
    text, end, _ = rest.partition("```\n<!-- /workflow -->")
    assert end
    return yaml.safe_load(text)


@pytest.fixture
def repository(tmp_path, fresh_database):
    """ML_PP's repository as the job sees it: the dump of a schema, and no acceptance."""
    (tmp_path / "gouvernance").symlink_to(ROOT)
    (tmp_path / "supabase").mkdir()
    (tmp_path / "supabase/rls-accepted.toml").touch()
    dump(fresh_database, tmp_path)
    return tmp_path


def dump(source, folder):
    subprocess.run(
        [
            PG_DUMP,
            *("--schema-only", "--restrict-key=fixed"),
            *("--schema", "public", "--schema", "auth", "--schema", "gouvernance"),
            *("--file", folder / "supabase/schema.sql", source.owner_url),
        ],
        check=True,
    )


def steps(workflow, *names):
    """The scripts of the job's steps; the roles are the test server's own, which already has them."""
    scripts = {
        step["name"]: step["run"] for step in workflow["jobs"]["schema"]["steps"] if "run" in step
    }
    return [
        "\n".join(line for line in scripts[name].splitlines() if not line.startswith("CREATE ROLE"))
        for name in names
    ]


def run(workflow, repository):
    create_database(NAME, template="template0")
    path = f"{PG_DUMP.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    values = {key: str(value) for key, value in workflow["env"].items()}
    database = Database(NAME)
    try:
        return subprocess.run(
            [
                "bash",
                "-e",
                "-o",
                "pipefail",
                "-c",
                "\n".join(steps(workflow, "Restaurer le schéma", "Auditer le schéma")),
            ],
            cwd=repository,
            env={**os.environ, **values, "PATH": path, "DATABASE_URL": database.owner_url},
            capture_output=True,
            text=True,
        )
    finally:
        drop_database(NAME)


def test_every_finding_is_in_the_table_with_its_level_and_title():
    for rule in [*catalogue().values(), EXPIRED, UNUSED]:
        (line,) = [
            x
            for x in DOCUMENT.splitlines()
            if x.startswith((f"| [{rule.code}]", f"| {rule.code} "))
        ]
        assert line.endswith(f"| {rule.level} | {rule.title} |")


def test_the_job_passes_on_a_dump_of_a_sound_schema(workflow, repository):
    done = run(workflow, repository)
    assert done.returncode == 0, done.stderr
    assert "Policies {public} permissives : 0" in done.stdout


def test_the_job_fails_on_a_dump_with_a_public_policy(workflow, repository, fresh_database):
    with fresh_database.owner() as connection:
        connection.execute(
            "CREATE POLICY ancienne ON public.clients FOR SELECT"
            " USING ((SELECT auth.uid()) IS NOT NULL)"
        )
    dump(fresh_database, repository)
    done = run(workflow, repository)
    assert done.returncode == 1
    assert "policy ancienne ON public.clients" in done.stdout


def test_both_jobs_run_the_audit_and_neither_writes_anything(workflow):
    jobs = workflow["jobs"]
    assert workflow["permissions"] == {"contents": "read"}
    for job in jobs.values():
        last = job["steps"][-1]["run"]
        assert last == 'python gouvernance/manage.py audit_rls --accepted "$ACCEPTED"'
    assert "--record" not in str(jobs)
