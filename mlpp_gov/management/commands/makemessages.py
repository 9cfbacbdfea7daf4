"""Extract what the cockpit says, then compile its translation: `make messages` (needs GNU gettext)."""

import json
import re
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.commands import makemessages

from mlpp_gov.sentences import CONTEXT
from mlpp_gov.sql_sentences import sentences

IGNORED = ("tests/*", "bench/*", "docs/*", "static/*", ".*")
SAYING = re.compile(r"/sql/(?:.*/)?deploy(?:\.sql$|/)|/sql/(?:checks|rls)/|/queries/")


class BuildFile(makemessages.BuildFile):
    """A .sql file is handed to gettext as the Python that says the same sentences."""

    def preprocess(self) -> None:
        if not self.path.endswith(".sql"):
            super().preprocess()
            return
        sql = Path(self.path).read_text(encoding="utf-8")
        said = sentences(sql) if SAYING.search(self.path) else ()
        Path(self.work_path).write_text("".join(map(_in_python, said)), encoding="utf-8")

    def postprocess_messages(self, msgs: str) -> str:
        """xgettext leaves Python's no-break space escaped; gettext looks up the space itself."""
        return super().postprocess_messages(msgs).replace(r"\\u00a0", "\u00a0")


def _in_python(sentence: str) -> str:
    quoted = json.dumps(sentence, ensure_ascii=False)
    flag = "# xgettext:no-python-format\n" if "%" in sentence else ""
    return f'{flag}pgettext("{CONTEXT}", {quoted})\n'


class Command(makemessages.Command):
    help = __doc__
    build_file_class = BuildFile

    def handle(self, *args: Any, **options: Any) -> None:
        options |= {
            "locale": ["en"],
            "ignore_patterns": [*options["ignore_patterns"], *IGNORED],
            "extensions": ["html", "txt", "py", "sql"],
            "no_obsolete": True,
            "add_location": "file",
        }
        self.xgettext_options = [*self.xgettext_options, "--keyword=pgettext_noop:1c,2"]
        super().handle(*args, **options)
        compile_catalogues(Path(settings.LOCALE_PATHS[0]))


def compile_catalogues(folder: Path) -> None:
    """Compile `en`, and for `fr` the plurals as the code has them: French counts 0 as one."""
    with (folder / "en/LC_MESSAGES/django.po").open("rb") as source:
        english = read_po(source, locale="en")
    french = Catalog("fr", creation_date=english.creation_date, revision_date=english.revision_date)
    for message in english:
        if message.id and message.pluralizable:
            french.add(message.id, message.id, context=message.context)
    for language, catalogue in (("en", english), ("fr", french)):
        with (folder / language / "LC_MESSAGES/django.mo").open("wb") as compiled:
            write_mo(compiled, catalogue)
