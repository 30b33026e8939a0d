"""The rules of moderation as data: categories, their words, and what is found of them in a text.

The words stand in moderation_rules.toml. What belongs here: reading and matching them. What does not: what follows from
a finding (`moderation`).
"""

import fnmatch
import itertools
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generation.common_words import common_words
from generation.moderation_text import Word, words_of

SHIPPED = Path(__file__).with_name("moderation_rules.toml")
MINORS = "minors"
# The phrases in which words mean something else.
HARMLESS = "harmless"
HINT_WEIGHT = 0.4
UNDER_AGE = 18
_AGES = frozenset({"year", "years", "yr", "yrs", "yo", "y"})
_STARRED_MIN, _SPELLED_MIN = 4, 3
_KNOWN_MAX = 20_000
_ARTICLES = ("a", "an", "the")

# A list's words: the categories' own are named "sexual.terms" and "sexual.hints".
Phrase = tuple[str, ...]
Lines = tuple[str, ...]
# What an operator changed of a category: action, threshold of words and of pictures; more terms, more hints, and what
# does not count of the shipped ones.
RuleChange = tuple[str, str, float | None, float | None, Lines, Lines, Lines]


@dataclass(frozen=True)
class Category:
    """One category: what it is called, and what is done about it as shipped."""

    key: str
    name: str
    action: str
    threshold: float
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Finding:
    """What a text has of one category: how much, and the words as they are meant."""

    category: str
    score: float
    words: tuple[str, ...]


@dataclass
class _Lists:
    """Which lists a word or phrase is on, by its spelling."""

    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    # By their beginning, for words such as "porn*".
    begun: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    phrases: dict[str, list[tuple[Phrase, str]]] = field(default_factory=lambda: defaultdict(list))
    # Phrases without their blanks, for letters that were drawn apart.
    squeezed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_length: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    shortest_beginning: int = 99
    # Letters of the longest word or squeezed phrase.
    longest: int = 0

    def add(self, phrase: Phrase, name: str) -> None:
        self.longest = max(self.longest, len("".join(phrase)))
        if len(phrase) > 1:
            self.phrases[phrase[0]].append((phrase, name))
            self.squeezed["".join(phrase)].add(name)
            return
        word = phrase[0].rstrip("*")
        self.words[word].add(name)
        self.by_length[len(word)].append(word)
        if word != phrase[0]:
            self.begun[word].add(name)
            self.shortest_beginning = min(self.shortest_beginning, len(word))


class Rules:
    """Every category's words, ready to be looked for."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        """`facts` are a rules file's tables."""
        self.categories: dict[str, Category] = {}
        self._lists = _Lists()
        # Words are looked up again and again; what is found of one never changes.
        self._known: dict[str, frozenset[str]] = {}
        self._harmless: dict[str, list[Phrase]] = defaultdict(list)
        for key, table in facts.items():
            if key == "lists":
                for name, texts in table.items():
                    self._add(name, texts)
            elif key == HARMLESS:
                for phrase in _spread(table["phrases"]):
                    self._harmless[phrase[0]].append(phrase)
            else:
                pairs = tuple((first, second) for first, second in table.get("together", ()))
                self.categories[key] = Category(key, table["name"], table["action"], float(table["threshold"]), pairs)
                self._add(f"{key}.terms", table.get("terms", ()))
                self._add(f"{key}.hints", table.get("hints", ()))
        self.names = frozenset(facts.get("lists", ())) | {f"{key}.terms" for key in self.categories}

    def find(self, text: str) -> list[Finding]:
        """Return what a text has of each category, the gravest first."""
        words = self._without_harmless(words_of(text))
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for place, word in enumerate(words):
            for name, shown in self._at(words, place, word):
                found[name][shown] = None
        return self._weighed(found) if found else []

    def _add(self, name: str, texts: Iterable[str]) -> None:
        for phrase in _spread(texts):
            self._lists.add(phrase, name)

    def _without_harmless(self, words: list[Word]) -> list[Word]:
        """Take out the words that mean something else where they stand."""
        taken: set[int] = set()
        for place, word in enumerate(words):
            for phrase in self._harmless.get(word.plain, ()):
                if _fits_plainly(words, place, phrase):
                    taken.update(range(place, place + len(phrase)))
        return [word for place, word in enumerate(words) if place not in taken] if taken else words

    def _at(self, words: Sequence[Word], place: int, word: Word) -> Iterable[tuple[str, str]]:
        """Yield list and words of all that is found at one place."""
        lists = self._lists
        for reading in (word.plain, *word.readings):
            yield from ((name, reading) for name in self._lists_of(reading))
            for phrase, name in lists.phrases.get(reading, ()):
                if _fits(words, place, phrase):
                    yield name, " ".join(phrase)
        if word.spelled:
            yield from self._inside(word.spelled)
        if word.starred:
            yield from self._starred(word.starred)
        if word.plain[0].isdigit() and _is_under_age(words, place):
            yield "age", " ".join(one.plain for one in words[place : place + 3])

    def _lists_of(self, word: str) -> frozenset[str]:
        known = self._known.get(word)
        if known is None:
            if len(self._known) > _KNOWN_MAX:
                self._known.clear()
            known = self._known[word] = self._looked_up(word)
        return known

    def _looked_up(self, word: str) -> frozenset[str]:
        lists = self._lists
        names = lists.words.get(word) or (lists.words.get(word[:-1]) if word.endswith("s") else None)
        found = set(names or ())
        for length in range(lists.shortest_beginning, len(word) + 1):
            found |= lists.begun.get(word[:length], set())
        return frozenset(found)

    def _inside(self, spelled: str) -> Iterable[tuple[str, str]]:
        """Yield the words in a run of letters that were drawn apart; none where it is one common word as it stands."""
        if self._is_common(spelled):
            return
        # Nothing longer than the longest word, and its s, is one: time grows with the run, not with its square.
        most = self._lists.longest + 1
        pieces = {
            spelled[start : start + length]
            for length in range(_SPELLED_MIN + 1, most + 1)
            for start in range(len(spelled) - length + 1)
        }
        for inside in dict.fromkeys((spelled, *sorted(pieces))):
            yield from ((name, inside) for name in self._lists_of(inside))
            yield from ((name, inside) for name in self._lists.squeezed.get(inside, ()))

    def _is_common(self, spelled: str) -> bool:
        """Whether a run of letters is a word, after an article or without, that passes where it is written together."""
        wholes = [spelled, *(spelled.removeprefix(article) for article in _ARTICLES if spelled.startswith(article))]
        return any(whole in common_words() and not self._lists_of(whole) for whole in wholes)

    def _starred(self, starred: str) -> Iterable[tuple[str, str]]:
        """Yield the words of which some letters were replaced: p*rn, f**k."""
        pattern = "".join("?" if not char.isalpha() else char for char in starred)
        if len(pattern) < _STARRED_MIN:
            return
        for word in self._lists.by_length.get(len(pattern), ()):
            if fnmatch.fnmatchcase(word, pattern):
                yield from ((name, word) for name in self._lists.words[word])

    def _weighed(self, found: Mapping[str, Mapping[str, None]]) -> list[Finding]:
        findings = []
        for key, category in self.categories.items():
            terms, hints = found.get(f"{key}.terms", {}), found.get(f"{key}.hints", {})
            words, score = [*terms, *hints], len(terms) + HINT_WEIGHT * len(hints)
            for first, second in category.pairs:
                if first in found and second in found and not set(found[first]) >= set(found[second]):
                    score += 1
                    words += [*found[first], *found[second]]
            if score:
                findings.append(Finding(key, round(score, 2), tuple(dict.fromkeys(words))[:8]))
        return findings


def read(own: Path | None = None, changes: Iterable[RuleChange] = ()) -> Rules:
    """Return the shipped rules, with an operator's own file added, and what operators changed in the admin.

    Raises: OSError, ValueError, KeyError.
    """
    facts = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    for key, table in (tomllib.loads(own.read_text(encoding="utf-8")) if own else {}).items():
        known = facts.setdefault(key, {})
        for name, value in table.items():
            known[name] = [*known.get(name, []), *value] if isinstance(value, list) else value
    for category, _, _, _, terms, hints, left_out in changes:
        # Of a category that there is no more nothing is left to change.
        if category in facts and category != "lists":
            names = (("phrases", terms),) if category == HARMLESS else (("terms", terms), ("hints", hints))
            for name, more in names:
                facts[category][name] = [*_without(facts[category].get(name, ()), left_out), *more]
    return Rules(facts)


def _without(texts: Iterable[str], left_out: Sequence[str]) -> list[str]:
    if not left_out:
        return list(texts)
    return [phrase for phrase in map(" ".join, _spread(texts)) if phrase not in left_out]


def _spread(texts: Iterable[str]) -> Iterable[Phrase]:
    """Yield the phrases that are meant: "red/green shoe" are two."""
    for text in texts:
        yield from itertools.product(*(part.split("/") for part in text.split()))


def _fits_plainly(words: Sequence[Word], place: int, phrase: Phrase) -> bool:
    return len(words) - place >= len(phrase) and all(
        words[place + step].plain == wanted for step, wanted in enumerate(phrase)
    )


def _fits(words: Sequence[Word], place: int, phrase: Phrase) -> bool:
    """Whether the words from here on can be read as a phrase; the first does."""
    if len(words) - place < len(phrase):
        return False
    return all(_can_be(words[place + step], wanted) for step, wanted in enumerate(phrase) if step)


def _can_be(word: Word, wanted: str) -> bool:
    if wanted.endswith("*"):
        return any(reading.startswith(wanted[:-1]) for reading in (word.plain, *word.readings))
    return any(reading in (wanted, wanted + "s") for reading in (word.plain, *word.readings))


def _is_under_age(words: Sequence[Word], place: int) -> bool:
    """Whether an age of a child stands here: "12 year old", "12yo"."""
    plain = words[place].plain
    digits = plain.rstrip("abcdefghijklmnopqrstuvwxyz")
    if not digits.isdecimal() or len(digits) > 2 or int(digits) >= UNDER_AGE or int(digits) == 0:
        return False
    unit = plain[len(digits) :]
    after = [word.plain for word in words[place + 1 : place + 3]]
    if unit:
        return unit in {"yo", "yr", "yrs"} or (unit in _AGES and "old" in after)
    return bool(after) and (after[0] == "yo" or (after[0] in _AGES and ("old" in after or "o" in after)))
