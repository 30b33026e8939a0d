"""Read words that the starter was not taught as the names it knows: "puppy" as "dog", "two lorries" as "two trucks".

What belongs here: the list and how a prompt is read with it. What does not: how the list is made
(``thesaurus_making``). Neither Django nor torch: the site reads the list as well.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generation.starter.vocabulary import to_plural, with_article

LIST = Path(__file__).parent / "thesaurus.txt"
_PIECES = re.compile(r"[^\W\d_]+|[\W\d_]+")
_ARTICLE = re.compile(r"\ban? +$", re.IGNORECASE)


@dataclass(frozen=True)
class _Unit:
    """A word, two words that are one noun, or what stands between; ``name`` is what a noun is read as."""

    text: str
    name: str = ""


class Thesaurus:
    """Other words for names, and prompts read with them."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        """Take name → other words; plurals are read as plurals."""
        self.words = frozenset(word for others in words.values() for word in others)
        self._names: dict[str, str] = {}
        for name, others in words.items():
            for word in others:
                self._names.setdefault(to_plural(word), to_plural(name))
        for name, others in words.items():
            self._names.update(dict.fromkeys(others, name))
        for name in words:
            self._names[name], self._names[to_plural(name)] = name, to_plural(name)

    def read(self, prompt: str) -> str:
        """Return the prompt with each word of the list replaced by its name; all else stays as it is.

        A noun before another noun says what kind that is ("puppy dog", "coffee cup") and stays too.
        """
        units = self._split(prompt)
        for place in range(len(units) - 1, -1, -1):
            unit = units[place]
            if unit.name in ("", unit.text.lower()) or self._stands_before_a_noun(units, place):
                continue
            if place and (article := _ARTICLE.search(units[place - 1].text)):
                units[place - 1] = _Unit(units[place - 1].text[: article.start()])
                units[place] = _Unit(with_article(unit.name), unit.name)
            else:
                units[place] = _Unit(unit.name, unit.name)
        return "".join(unit.text for unit in units)

    def _split(self, prompt: str) -> list[_Unit]:
        """Return nouns, the longest first, and the text between them."""
        pieces = _PIECES.findall(prompt)
        units: list[_Unit] = []
        place = 0
        while place < len(pieces):
            for length in (3, 1):
                text = "".join(pieces[place : place + length])
                if name := self._names.get(text.lower()):
                    units.append(_Unit(text, name))
                    break
            else:
                length = 1
                if units and not units[-1].name:
                    units[-1] = _Unit(units[-1].text + pieces[place])
                else:
                    units.append(_Unit(pieces[place]))
            place += length
        return units

    @staticmethod
    def _stands_before_a_noun(units: list[_Unit], place: int) -> bool:
        following = units[place + 1 : place + 3]
        return len(following) == 2 and following[0].text == " " and bool(following[1].name)


@functools.cache
def load_thesaurus() -> Thesaurus:
    """Return the list that ships with the weights."""
    return Thesaurus(parse(LIST.read_text(encoding="utf-8")))


def parse(text: str) -> dict[str, list[str]]:
    """Return name → other words, of lines such as ``dog: hound, puppy``; lines with # are remarks."""
    entries = (line.partition(":") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: [word.strip() for word in others.split(",") if word.strip()] for name, _, others in entries}


def compose(words: Mapping[str, Iterable[str]], remark: str) -> str:
    """Return the list as text, as ``parse`` reads it."""
    lines = [f"{name}: {', '.join(others)}".rstrip() for name, others in words.items()]
    return "\n".join([*(f"# {line}" for line in remark.splitlines()), *lines]) + "\n"
