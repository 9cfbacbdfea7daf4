"""Find in a .sql file the sentences that PostgreSQL says to people, for the catalogue of translations.

Nothing marks them in the SQL: a sentence is a literal, a format() or a concatenation that reads as French
words, or a line of a check's header. What PostgreSQL fills in is a %s, and a % of the sentence's own is
doubled then, as format() has it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

SAID_IN_HEADERS = {"label", "rule", "why", "action", "limits", "occurred", "title"}

HOLE = re.compile(r"%(?:\d+\$)?[sIL]")
HEADER = re.compile(r"^-- (?P<key>\w+): (?P<text>.+)$", re.MULTILINE)
THRESHOLD = re.compile(r"^\w+ = \S+ (?P<unit>.+) \[.*?\] (?P<description>.+)$")
TOKEN = re.compile(
    r"""
    (?P<comment> --[^\n]* | /\*.*?\*/ )
    | (?P<kind> E | U& )? '(?P<literal> (?: [^'] | '' )* )'
    | (?P<word> "[^"]*" | \w+ )
    | (?P<sign> \$\w*\$ | \|\| | :: | [^\s] )
    """,
    re.VERBOSE | re.DOTALL,
)
# Words between which an expression stands.
AROUND = re.compile(
    "ALL|AND|ANY|AS|BEGIN|BY|CASE|DECLARE|DEFAULT|DETAIL|DISTINCT|ELSE|ELSIF|END|ERRCODE|EXCEPTION|FILTER|FOR"
    "|FROM|HINT|IF|IN|INTO|IS|JOIN|LIKE|LIMIT|MESSAGE|NOT|ON|OR|ORDER|PERFORM|RAISE|RETURN|SELECT|SET|THEN"
    "|USING|VALUES|WHEN|WHERE"
)
WORDS_OF_SQL = re.compile(
    r"\b(?:REVOKE|GRANT|ALTER|CREATE|DROP|SELECT|POLICY|EXECUTE|SECURITY) .*\b(?:ON|TO|FROM|AS|SET|TABLE)\b"
    r"|\bUSING \(|\bWITH CHECK \(|\(\?"
)
LIKE_FRENCH = re.compile(
    r"[a-zà-ÿœ]{2}[ \u00a0][a-zà-ÿœ]|[À-ÿœŒ’«»]|^[ ,]*[A-Z]?[a-z]{2,}[ ,]|%s [a-z]{3}"
    r"|^[A-Z][a-z]+ [A-Z]{3}|^[A-Z]+ [a-z]|\w : "
)
SINGLE_WORDS = {"ambiant", "aucun", "conforme", "inactive", "inconnu", "inconnue"}
LIKE_A_PAIR = re.compile(r"%s [:;] ")  # of sentences, put together


@dataclass
class Expression:
    """Literals and what stands between them, as PostgreSQL puts them together."""

    format: str = ""  # "format" or "raise": its % are holes already
    pieces: list[str | None] = field(default_factory=list)  # None for what is filled in
    is_joining: bool = True

    def add(self, text: str | None) -> None:
        if self.is_joining:
            self.pieces.append(text)
        elif self.pieces[-1] is not None and text is not None:
            self.pieces[-1] += text  # a literal that goes on, on its next line
        else:
            self.pieces[-1] = None
        self.is_joining = False

    def sentence(self) -> str:
        if not any(self.pieces):
            return ""
        match self.pieces:
            case [None, str(added)] if added[:1].isalpha():
                return added  # to a list, not to a text
        if self.format == "raise":
            text = re.sub(r"%(%?)", lambda sign: "%%" if sign[1] else "%s", self.pieces[0] or "")
        elif self.format or len(self.pieces) == 1:
            text = "".join(piece or "%s" for piece in self.pieces)
        else:
            text = "".join(
                "%s" if piece is None else piece.replace("%", "%%") for piece in self.pieces
            )
        return text if HOLE.search(text) or not self.format else text.replace("%%", "%")


def sentences(sql: str) -> Iterator[str]:
    """The sentences of a file in their order, each as many times as it is there."""
    for header in HEADER.finditer(sql):
        if header["key"] in SAID_IN_HEADERS:
            yield header["text"]
        elif header["key"] == "threshold" and (threshold := THRESHOLD.match(header["text"])):
            yield threshold["unit"]
            yield threshold["description"]
    for text in _expressions(sql):
        if _is_said(text):
            yield text


def _expressions(sql: str) -> Iterator[str]:
    waiting: list[Expression] = []  # the expressions that the present one is inside of
    here = Expression()
    before = kind = ""
    for token in TOKEN.finditer(sql):
        if token["comment"]:
            continue
        word = (token["word"] or "").upper()
        sign = token["sign"]
        if token["literal"] is not None:
            kind = token["kind"] or (kind if before == "" else "")
            here.add(_literal(kind, token["literal"]))
        elif sign == "||":
            here.is_joining = True
        elif word == "CASE" or sign in {"(", "["}:
            waiting.append(here)
            here = Expression(format="format" if before == "FORMAT" else "")
        elif (word == "END" and waiting) or sign in {")", "]"}:
            yield here.sentence()
            here = waiting.pop() if waiting else Expression()
            here.add(None)
        elif AROUND.fullmatch(word) or (sign and sign not in {".", "::"}):
            yield here.sentence()
            here = Expression(format="raise" if (before, word) == ("RAISE", "EXCEPTION") else "")
        elif word and before != "::":
            here.add(None)
        before = word or sign or ""
    yield here.sentence()


def _literal(kind: str, literal: str) -> str:
    text = literal.replace("''", "'")
    if kind == "E":
        return text.replace(r"\n", "\n").replace(r"\\", "\\")
    if kind == "U&":
        return re.sub(r"\\([0-9A-F]{4})", lambda code: chr(int(code[1], 16)), text)
    return text


def _is_said(text: str) -> bool:
    if text in SINGLE_WORDS:
        return True
    if WORDS_OF_SQL.search(text) or text.strip() in {"", "%s"}:
        return False
    if not re.search(r"[^\W\d_]", HOLE.sub("", text)):
        return bool(LIKE_A_PAIR.search(text))
    return bool(LIKE_FRENCH.search(text))
