"""No sentence is cut into pieces that are translated one by one: another language has another order of words.

A piece is what `translate` or `blocktranslate` shows. It is cut off where another piece or a value stands directly
beside it, in the same element or in a link or an emphasis within, and the first of the two does not end like a
sentence, or the second begins with a small letter or a comma. Two links beside each other are two things.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.rules import tree

# The operator's own texts, and the admin, which is in English; see test_translations.
_LEFT_OUT = {"legal", "admin"}
_WITHIN_A_SENTENCE = {"a", "abbr", "b", "bdi", "code", "em", "i", "kbd", "q", "small", "strong", "time", "wbr"}
_RAW = {"code", "kbd"}
_TAG = r"{%.*?%}|{{.*?}}"
_TOKEN = re.compile(
    r"(?P<note>{% *comment\b.*?{% *endcomment *%}|{#.*?#}|<!--.*?-->)"
    r"|(?P<block>{% *blocktranslate\b(?P<options>.*?)%}(?P<words>.*?){% *endblocktranslate *%})"
    r"|(?P<tag>{%.*?%})|(?P<value>{{.*?}})"
    rf"|(?P<element></?(?P<name>[a-z][\w-]*)(?:{_TAG}|[^>{{])*>)"
    r"|(?P<break>\n)|(?P<letter>\S)",
    re.DOTALL | re.IGNORECASE,
)
_TRANSLATE = re.compile(r"""{% *translate +(["'])(?P<words>.*?)\1(?P<options>.*?)%}""", re.DOTALL)
_ATTRIBUTE = re.compile(rf'[\w-]+="((?:{_TAG}|[^"{{])*)"', re.DOTALL)
# Tags that show nothing and end nothing.
_SILENT = {"with", "endwith", "load", "translate", "url", "csrf_token", "autoescape", "endautoescape"}


@dataclass(frozen=True)
class Piece:
    """What stands last in a line of text; a value has no words."""

    words: str = ""
    line: int = 0
    is_closed: bool = False
    ends_link: bool = False


class Reader:
    """Reads a template; what may stand before a place, by the branch that was taken, is in `before`."""

    def __init__(self, first_line: int = 1, *, is_plain: bool = False) -> None:
        """Begin at a line; in plain text (mails) a line ends what stands in it."""
        self.first_line, self.is_plain = first_line, is_plain
        self.found: dict[str, None] = {}
        self.before: set[Piece] = set()
        self.branches: list[tuple[set[Piece], set[Piece]]] = []  # of each open if: before it, at its branches' ends

    def read(self, text: str) -> list[str]:
        """Return a line for each pair of pieces that belong into one."""
        for match in _TOKEN.finditer(text):
            line = self.first_line + text.count("\n", 0, match.start())
            if match["block"] and "asvar" not in match["options"]:
                self.put(re.split(r"{% *plural *%}", match["words"])[0].strip(), line)
            elif match["value"]:
                self.put("", line)
            elif match["tag"]:
                self.tag(match["tag"], line)
            elif match["element"]:
                self.element(match, line)
            elif match["letter"] or (match["break"] and self.is_plain):
                self.letter(match[0])
        return list(self.found)

    def put(self, words: str, line: int) -> None:
        """Take the next piece, and look at it beside what stands before."""
        for last in self.before:
            ends = last.is_closed or not last.words or re.search(r"[.!?:…)”]$", last.words)
            if not ends or re.match(r"[a-z,;.:]", words):
                self.found[f"line {line}: {last.words or '(a value)'} | {words or '(a value)'}"] = None
        self.before = {Piece(words, line)}

    def tag(self, tag: str, line: int) -> None:
        """Take a tag of the template language."""
        words = tag[2:-2].split()
        if (shown := _TRANSLATE.match(tag)) and " as " not in shown["options"]:
            self.put(shown["words"], line)
        elif words[0] == "url" and "as" not in words:
            self.put("", line)
        elif words[0] in ("if", "for"):
            self.branches.append((self.before, set()))
        elif words[0] in ("elif", "else", "empty"):
            start, ends = self.branches.pop()
            self.branches.append((start, ends | self.before))
            self.before = start
        elif words[0] in ("endif", "endfor"):
            start, ends = self.branches.pop()
            self.before = ends | self.before | start
        elif words[0] not in _SILENT:
            self.before = set()

    def element(self, match: re.Match[str], line: int) -> None:
        """Take the beginning or the end of an element, with what its attributes say."""
        for value in _ATTRIBUTE.findall(match[0]):
            self.found |= dict.fromkeys(Reader(line).read(value) if "translate" in value else ())
        name, is_end = match["name"].lower(), match[0].startswith("</")
        if name == "a" and is_end:
            self.before = {replace(piece, ends_link=True) for piece in self.before}
        elif name == "a":
            self.before = {piece for piece in self.before if not piece.ends_link}
        elif name in _RAW and is_end:
            self.before = {Piece("(code)", line, is_closed=True)}
        elif name in _RAW:
            self.put("", line)
        elif name == "span" and not is_end and 'class="unseen"' not in match[0]:
            self.before = {piece for piece in self.before if not piece.words}  # a number and its unit, not a label
        elif name not in _WITHIN_A_SENTENCE and 'class="unseen"' not in match[0]:
            self.before = set()

    def letter(self, letter: str) -> None:
        """Take a letter that stands there as it is: punctuation closes, a comma goes on, all else begins anew."""
        if letter in ".!?:":
            self.before = {replace(piece, is_closed=True) for piece in self.before}
        elif letter != ",":
            self.before = set()


def cut(text: str, *, is_plain: bool = False) -> list[str]:
    """Return a line for each place where a sentence is cut."""
    return Reader(is_plain=is_plain).read(text)


def _templates() -> Iterable[Path]:
    plain = sorted((tree.ROOT / "templates").rglob("*.txt"))
    return [path for path in (*tree.templates(), *plain) if not _LEFT_OUT & set(path.parts)]


def test_no_sentence_is_cut() -> None:
    found = [
        f"{tree.name_of(path)}, {line}"
        for path in _templates()
        for line in cut(path.read_text(), is_plain=path.suffix == ".txt")
    ]
    assert not found, "Make it one blocktranslate, with the link or the value inside:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ('{% translate "Or" %} <a href="/">{% translate "log in" %}</a>.', True),
        ('<a href="/">{% translate "Log in" %}</a> {% translate "or" %} <a href="/">{% translate "leave" %}</a>', True),
        ('{{ name }}{% translate ", which is new" %}', True),
        ('{% translate "The answer is an" %} <code>id</code>.', True),
        ('{% translate "You can" %} {% if a %}{% translate "stay" %}{% else %}{% translate "go" %}{% endif %}.', True),
        ('{% blocktranslate %}Canceled{% endblocktranslate %}{% if a %}{% translate ", at last" %}{% endif %}', True),
        ('<img alt="{% translate "Picture of" %} {{ name }}">', True),
        ('{% translate "Change" %}<span class="unseen"> {% translate "email" %}</span>', True),
        ('{{ number }} <span class="quiet">{% translate "credits" %}</span>', True),
        ('{% translate "None yet." %} <a href="/">{% translate "Make one" %}</a>', False),
        ('<a href="/">{% translate "Yes" %}</a> <a href="/">{% translate "No" %}</a>', False),
        ('{% if a %}{% translate "stay" %}{% else %}{% translate "go" %}{% endif %}', False),
        ('{% translate "Size" %}: {{ size }} · {% translate "new" %}', False),
        ("<dt>{% translate 'Size' %}</dt><dd>{{ size }}</dd>", False),
        ('{% translate "Size" %}<span>{{ size }}</span>', False),
        ('{% url "a" as b %}{% blocktranslate %}Or <a href="{{ b }}">log in</a>.{% endblocktranslate %}', False),
        ('{% icon "x" %}{% translate "Cancel" %}', False),
    ],
)
def test_a_cut_is_recognised(text: str, is_found: bool) -> None:
    assert bool(cut(text)) is is_found


def test_the_lines_of_a_mail_stand_by_themselves() -> None:
    assert not cut('{% translate "Hello," %}\n{{ link }}', is_plain=True)
    assert cut('{% translate "Open" %} {{ link }}', is_plain=True)
