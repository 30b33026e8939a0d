r"""Alternatives in a prompt, `{red|green}`, and words out of lists, `__colour__`: one template, another text a picture.

What belongs here: reading templates, their bounds, and choosing by seed. What does not: whose lists there are
(`word_lists.py`). Pure: a template, its lists and a seed always give the same text, on every machine and in every
release, so a picture's seed reproduces it alone.

Alternatives may hold alternatives and lists; entries of lists may, too. `\{`, `\|`, `\}` and `\__` stand for
themselves, and so does a `|` outside of braces. A parser of our own: the library for this notation, dynamicprompts, has
had no release since 2024 and knows no bounds, and an unbounded template is a way to stop a server.
"""

import difflib
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

# Of alternatives within alternatives, lists counted.
DEPTH_MAX = 6
# Choices that one picture's text may need.
CHOICES_MAX = 60
# Characters that a text may come to, whatever is chosen.
LENGTH_MAX = 1000

NAME = r"[A-Za-z][A-Za-z0-9-]{0,39}"
_TOKEN = re.compile(rf"\\(?:[{{|}}]|__)|__{NAME}__|[{{|}}]|[^\\_{{|}}]+|.", re.DOTALL)

Lists = Mapping[str, Sequence[str]]


class TemplateError(ValueError):
    """A template that cannot be used; the message says what, where and which bound."""


@dataclass(frozen=True)
class _Choice:
    """Alternatives, one of which is taken."""

    options: tuple["_Sequence", ...]


@dataclass(frozen=True)
class _List:
    """A list, one entry of which is taken."""

    name: str


_Sequence = tuple[str | _Choice | _List, ...]


@dataclass(frozen=True)
class _Measure:
    """The most that a template can come to."""

    length: int = 0
    depth: int = 0
    choices: int = 0


def resolve(template: str, lists: Lists, seed: int, *, salt: str = "prompt") -> str:
    """Return the text of the picture with this seed; `salt` lets two templates of one picture choose independently.

    Raises: TemplateError.
    """
    sequence = parse(template)
    check(template, lists)
    return "".join(_spoken(sequence, lists, _chooser(seed, salt)))


def check(template: str, lists: Lists) -> None:
    """Raise TemplateError where any choice could break a bound, or a list is missing."""
    found = _measure(parse(template), lists, {}, ())
    if found.depth > DEPTH_MAX:
        raise TemplateError(
            gettext("Alternatives and lists are nested %(depth)s deep; %(most)s is the most.")
            % {"depth": found.depth, "most": DEPTH_MAX}
        )
    if found.choices > CHOICES_MAX:
        raise TemplateError(
            gettext("One picture could need %(choices)s choices; %(most)s is the most.")
            % {"choices": f"{found.choices:,}", "most": CHOICES_MAX}
        )
    if found.choices and found.length > LENGTH_MAX:
        raise TemplateError(
            gettext("It could come to %(length)s characters; %(most)s is the most.")
            % {"length": f"{found.length:,}", "most": f"{LENGTH_MAX:,}"}
        )


def parse(template: str) -> _Sequence:
    """Read a template. Raises: TemplateError where braces do not pair."""
    # What is open: the alternatives so far, the one being read, and where it began.
    stack: list[tuple[list[_Sequence], list[str | _Choice | _List], int]] = [([], [], 0)]
    for match in _TOKEN.finditer(template):
        piece, (options, current, start) = match[0], stack[-1]
        if piece == "{":
            if len(stack) > DEPTH_MAX:
                raise TemplateError(
                    gettext("Alternatives are nested over %(most)s deep; %(most)s is the most.") % {"most": DEPTH_MAX}
                )
            stack.append(([], [], match.start()))
        elif piece == "}":
            if len(stack) == 1:
                raise TemplateError(
                    gettext("The “}” at character %(place)s closes nothing; write \\} for a brace.")
                    % {"place": match.start() + 1}
                )
            stack.pop()
            stack[-1][1].append(_Choice((*options, tuple(current))))
        elif piece == "|" and len(stack) > 1:
            stack[-1] = ([*options, tuple(current)], [], start)
        elif re.fullmatch(f"__{NAME}__", piece):
            current.append(_List(piece.strip("_").lower()))
        else:
            current.append(_literal(piece))
    if len(stack) > 1:
        raise TemplateError(
            gettext("The “{” at character %(place)s is not closed; write \\{ for a brace.")
            % {"place": stack[-1][2] + 1}
        )
    return tuple(stack[0][1])


def is_template(text: str) -> bool:
    """Whether a text holds anything that is not itself. Raises: TemplateError."""
    sequence = parse(text)
    return any(not isinstance(part, str) for part in sequence) or "".join(map(str, sequence)) != text


def names(template: str) -> set[str]:
    """Return the lists that a template names itself. Raises: TemplateError."""
    return set(_names(parse(template)))


def may_be_blank(template: str, lists: Lists) -> bool:
    """Whether some choice leaves no words. The template has passed `check`."""
    return _may_be_blank(parse(template), lists, {})


def escape(text: str) -> str:
    """Return the template that resolves to exactly this text."""
    return "".join(
        "\\" + piece if piece in "{}" or (len(piece) > 1 and piece[0] in "\\_") else piece
        for piece in _TOKEN.findall(text)
    )


def _literal(piece: str) -> str:
    return piece[1:] if len(piece) > 1 and piece[0] == "\\" else piece


def _names(sequence: _Sequence) -> Iterator[str]:
    for part in sequence:
        if isinstance(part, _List):
            yield part.name
        elif isinstance(part, _Choice):
            for option in part.options:
                yield from _names(option)


def _measure(sequence: _Sequence, lists: Lists, known: dict[str, _Measure], within: tuple[str, ...]) -> _Measure:
    """Return the most that a sequence can come to; each list is measured once."""
    found = _Measure()
    for part in sequence:
        if isinstance(part, str):
            found = _Measure(found.length + len(part), found.depth, found.choices)
            continue
        if isinstance(part, _List):
            most = _measure_list(part.name, lists, known, within)
        else:
            most = _most([_measure(option, lists, known, within) for option in part.options])
        found = _Measure(found.length + most.length, max(found.depth, most.depth + 1), found.choices + most.choices + 1)
    return found


def _measure_list(name: str, lists: Lists, known: dict[str, _Measure], within: tuple[str, ...]) -> _Measure:
    if name in within:
        circle = " → ".join(f"__{each}__" for each in (*within[within.index(name) :], name))
        raise TemplateError(gettext("Lists go round in a circle: %(circle)s.") % {"circle": circle})
    if name not in lists:
        near = difflib.get_close_matches(name, list(lists), n=1)
        said = [gettext("There is no list __%(name)s__.") % {"name": name}]
        said += [gettext("Did you mean __%(name)s__?") % {"name": one} for one in near]
        said += [gettext("Write \\__%(name)s__ for the text itself.") % {"name": name}]
        raise TemplateError(" ".join(said))
    if name not in known:
        known[name] = _most([_measure(parse(entry), lists, known, (*within, name)) for entry in lists[name]])
    return known[name]


def _may_be_blank(sequence: _Sequence, lists: Lists, known: dict[str, bool]) -> bool:
    """Whether each part can leave nothing; each list is looked at once."""
    for part in sequence:
        if isinstance(part, str):
            is_blank = not part.strip()
        elif isinstance(part, _Choice):
            is_blank = any(_may_be_blank(option, lists, known) for option in part.options)
        else:
            if part.name not in known:
                entries = lists[part.name]
                known[part.name] = not entries or any(_may_be_blank(parse(one), lists, known) for one in entries)
            is_blank = known[part.name]
        if not is_blank:
            return False
    return True


def _most(found: Sequence[_Measure]) -> _Measure:
    return _Measure(
        max((each.length for each in found), default=0),
        max((each.depth for each in found), default=0),
        max((each.choices for each in found), default=0),
    )


def _spoken(sequence: _Sequence, lists: Lists, choose: Callable[[int], int]) -> Iterator[str]:
    for part in sequence:
        if isinstance(part, str):
            yield part
        elif isinstance(part, _Choice):
            yield from _spoken(part.options[choose(len(part.options))], lists, choose)
        elif entries := lists[part.name]:
            yield from _spoken(parse(entries[choose(len(entries))]), lists, choose)


def _chooser(seed: int, salt: str) -> Callable[[int], int]:
    """Return what picks one of so many: by hash, because `random` may choose otherwise in another release."""
    count = 0

    def choose(of: int) -> int:
        nonlocal count
        count += 1
        digest = hashlib.sha256(f"{salt}:{seed}:{count}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % of

    return choose
