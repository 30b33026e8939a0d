"""Other words for the nouns, out of WordNet: a caption may say "bulldog" where the picture shows the dog.

The network then learns where a thing lies in the sentence encoder's space, not only its one name, and draws the
nearest thing for words that it never saw.

What belongs here: reading WordNet's files. What does not: the nouns (``vocabulary``).

The files' format is wndb(5WN), https://wordnet.princeton.edu/documentation/wndb5wn.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# Lexicographer files that hold things one can draw: animals, artifacts, body, food, objects, persons, plants.
_DRAWABLE = frozenset((5, 6, 8, 13, 17, 18, 20))
_DEPTH = 3
WORDS_MAX = 24
_HYPONYM, _INSTANCE = "~", "~i"


@dataclass(frozen=True)
class Synset:
    """Words of one meaning, and the places of its narrower meanings."""

    file: int
    words: tuple[str, ...]
    narrower: tuple[int, ...]


class WordNet:
    """The nouns of WordNet, read from the folder with ``index.noun`` and ``data.noun``."""

    def __init__(self, folder: Path) -> None:
        """Read the index; meanings are read when they are asked for."""
        self._data = (folder / "data.noun").read_bytes()
        self._senses = dict(_read_index((folder / "index.noun").read_text(encoding="latin-1")))
        self.synset = functools.cache(self._synset)

    def other_words(self, noun: str) -> list[str]:
        """Return words of one or two parts for the noun's commonest drawable meaning, nearest meanings first."""
        senses = self._senses.get(noun.replace(" ", "_"), ())
        first = next((sense for sense in senses if self.synset(sense).file in _DRAWABLE), None)
        if first is None:
            return []
        found: dict[str, None] = {}
        level = [first]
        for _ in range(_DEPTH):
            for place in level:
                found.update(dict.fromkeys(self.synset(place).words))
            level = [narrower for place in level for narrower in self.synset(place).narrower]
        # "Guide dog" says dog again.
        own = set(noun.split())
        return [word for word in found if len(word.split()) <= 2 and not own & set(word.split())]

    def _synset(self, place: int) -> Synset:
        line = self._data[place : self._data.index(b"\n", place)].decode("latin-1")
        fields = line.split(" | ", 1)[0].split()
        count = int(fields[3], 16)
        words = tuple(word.replace("_", " ") for word in fields[4 : 4 + 2 * count : 2] if word.islower())
        pointers = fields[5 + 2 * count :]
        narrower = tuple(
            int(pointers[at + 1]) for at in range(0, len(pointers) - 3, 4) if pointers[at] in (_HYPONYM, _INSTANCE)
        )
        return Synset(int(fields[1]), words, narrower)


def choose_words(
    wordnet: WordNet, nouns: Iterable[str], banned: Iterable[str], known: Container[str]
) -> dict[str, list[str]]:
    """Return noun → other words, at most ``WORDS_MAX`` each, all their parts among ``known``.

    No word is a noun itself, means two of them, or has a part in common with ``banned``.
    """
    taken, parts = set(nouns := list(nouns)), {part for word in banned for part in (word, *word.split())}
    found = {noun: [word for word in wordnet.other_words(noun) if word not in taken] for noun in nouns}
    times = Counter(word for words in found.values() for word in words)

    def is_fit(word: str) -> bool:
        pieces = word.split()
        return times[word] == 1 and not parts & {word, *pieces} and all(piece in known for piece in pieces)

    return {noun: [word for word in words if is_fit(word)][:WORDS_MAX] for noun, words in found.items()}


def _read_index(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    for line in text.splitlines():
        if line.startswith(" "):
            continue  # the licence
        fields = line.split()
        senses = int(fields[2])
        yield fields[0], tuple(map(int, fields[-senses:]))
