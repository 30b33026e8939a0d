"""Read the nouns of WordNet: what a word means, and what that is a kind of.

What belongs here: WordNet's files and walks over them. What does not: which words the starter takes from it
(``thesaurus_making``).

The files' format is wndb(5WN), https://wordnet.princeton.edu/documentation/wndb5wn.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Lexicographer files of things one can draw: animals, artifacts, body, food, objects, persons, phenomena, plants.
_DRAWABLE = frozenset((5, 6, 8, 13, 17, 18, 19, 20))
PERSONS = 18
# Kinds, and no instances: racehorses have names that mean other things.
_BROADER = "@"


@dataclass(frozen=True)
class Synset:
    """One meaning: the file it is in, its explanation, and the places of its broader meanings."""

    file: int
    gloss: str
    broader: tuple[int, ...]


class WordNet:
    """The nouns of WordNet, read from the folder with ``index.noun`` and ``data.noun``."""

    def __init__(self, folder: Path) -> None:
        """Read the index; meanings are read when they are asked for."""
        self._data = (folder / "data.noun").read_bytes()
        self._senses = dict(_read_index((folder / "index.noun").read_text(encoding="latin-1")))
        self.synset = functools.cache(self._synset)

    def words(self) -> Iterator[str]:
        """Yield every noun, those of several parts with blanks between them, in the index's order."""
        return iter(self._senses)

    def drawable(self, word: str, among: int) -> list[int]:
        """Return which of a word's ``among`` commonest meanings can be drawn, the commonest first."""
        return [place for place in self._senses.get(word, ())[:among] if self.synset(place).file in _DRAWABLE]

    def broader(self, place: int, depth: int) -> Iterator[tuple[int, int]]:
        """Yield a meaning and what it is a kind of, up to ``depth`` steps away: place and steps, nearest first."""
        level = [place]
        for steps in range(depth + 1):
            yield from ((one, steps) for one in level)
            level = [above for one in level for above in self.synset(one).broader]

    def _synset(self, place: int) -> Synset:
        line = self._data[place : self._data.index(b"\n", place)].decode("latin-1")
        head, _, gloss = line.partition(" | ")
        fields = head.split()
        pointers = fields[5 + 2 * int(fields[3], 16) :]
        broader = tuple(int(pointers[at + 1]) for at in range(0, len(pointers) - 3, 4) if pointers[at] == _BROADER)
        return Synset(int(fields[1]), gloss.strip(), broader)


def _read_index(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    for line in text.splitlines():
        if line.startswith(" "):
            continue  # the licence
        fields = line.split()
        yield fields[0].replace("_", " "), tuple(map(int, fields[-int(fields[2]) :]))
