"""docs/api-releases.md: every address, field and command that it names is one, and all of them are there."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from releases.api.urls import urlpatterns
from releases.management.commands.release import ASKED, Command

DOCUMENT = (Path(__file__).parents[3] / "docs/api-releases.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `((?:GET|POST) [^`]+)` \| (.*) \|$", DOCUMENT, flags=re.MULTILINE))
COMMANDS = re.findall(
    r"^python manage\.py release (.*)$", DOCUMENT.replace("\\\n", ""), flags=re.MULTILINE
)
SCRIPT = DOCUMENT.partition("<!-- script -->")[2].partition("<!-- /script -->")[0]


def test_every_address_is_described_with_its_fields() -> None:
    served = {re.sub(r"<\w+:(\w+)>", r"<\1>", str(route.pattern)): route for route in urlpatterns}
    described = {row.partition(" ")[2]: text for row, text in ROWS.items()}
    assert set(served) == set(described)
    for ask in ASKED.values():
        fields = list(ask.asked)
        rows = [text for text in ROWS.values() if all(f"`{name}`" in text for name in fields)]
        assert rows, fields


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one(command: str) -> None:
    parser = Command().create_parser("manage.py", "release")
    options = parser.parse_args(shlex.split(command, comments=True))
    assert command.startswith(options.action)


def test_every_act_has_its_command() -> None:
    for words in ASKED:
        assert [command for command in COMMANDS if command.startswith(" ".join(words))], words


def test_the_script_is_one_for_sh() -> None:
    script = re.sub(r"^```.*\n", "", SCRIPT.strip() + "\n", flags=re.MULTILINE)
    read = subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")
    assert "curl --config" in script
