"""Words to search by: how a text is taken apart, and what a search means.

What belongs here: the one rule by which texts and searches become words, the notation of a search, and its form for
PostgreSQL (tsquery) and SQLite (FTS5). What does not: tables (`models.search_text`). Pure.

A picture is found by the other forms of its words, too: "foxes" finds "fox". So beside the words stand the stems of
those that are not their own stem, with another mark, behind all words: quotation marks mean the words alone.

Every word is kept with its owner's mark before it, so that a search touches its owner's words alone, however many
pictures other people have. Two owners may have the same mark: who asks compares the owner as well.

A search is words that must all be there, each as the beginning of a word or in another form of it; "words in quotation
marks" as they stand, one after the other; -word for what must not be there; OR between two of which one is enough.
"""

import re
import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import snowballstemmer
from django.utils.translation import gettext

SEARCH_MAX_LENGTH = 200
# Of one text: what comes later is not searched. PostgreSQL counts no further than 16,383.
WORDS_MAX = 2000
_WORD_MAX_LENGTH = 60
_MARK_LENGTH = 8
# Where words are not divided by spaces, each sign is one.
_SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SIGNS}]|[^\W_{_SIGNS}]+")
_PART = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]*)"|(?P<bare>[^\s"]+)')


class SearchError(ValueError):
    """A search that cannot be understood; the message says what and where."""


def words_of(text: str) -> list[str]:
    """Return a text's words: small letters without accents, nothing but letters and digits."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    folded = unicodedata.normalize("NFKC", plain.casefold())
    return [word[:_WORD_MAX_LENGTH] for word in _WORD.findall(folded)]


def mark_of(owner: uuid.UUID) -> str:
    """Return what stands before each of an owner's words."""
    return f"u{owner.hex[-_MARK_LENGTH:]}"


def stem_mark_of(owner: uuid.UUID) -> str:
    """Return what stands before each stem of an owner's words."""
    return f"s{owner.hex[-_MARK_LENGTH:]}"


def stem_of(word: str) -> str:
    """Return what an English word's forms have in common: `fox` of `foxes`; a word that has none is its own."""
    stem: str = _stemmer().stemWord(word)
    return stem


def marked(owner: uuid.UUID, texts: Iterable[str]) -> list[str]:
    """Return the words that a picture is found by, each with its owner's mark; the mark alone comes first.

    The stems come last, each once.
    """
    mark, stem_mark = mark_of(owner), stem_mark_of(owner)
    words = [word for text in texts for word in words_of(text)][:WORDS_MAX]
    stems = dict.fromkeys(stem for word in words if (stem := stem_of(word)) != word)
    return [mark, *(mark + word for word in words), *(stem_mark + stem for stem in stems)]


@dataclass(frozen=True)
class Term:
    """Words one after the other; `is_open`: the last is the beginning of a word."""

    words: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True)
class Search:
    """What must be there, one of each group, and what must not."""

    groups: tuple[tuple[Term, ...], ...]
    without: tuple[Term, ...]

    def as_tsquery(self, owner: uuid.UUID) -> str:
        """Return it as PostgreSQL reads it."""
        parts = ["(" + " | ".join(_tsquery(owner, term) for term in group) + ")" for group in self.groups]
        wanted = parts or [f"'{mark_of(owner)}'"]
        return " & ".join([*wanted, *(f"!({_tsquery(owner, term)})" for term in self.without)])

    def as_fts5(self, owner: uuid.UUID) -> str:
        """Return it as SQLite reads it."""
        parts = ["(" + " OR ".join(_fts5(owner, term) for term in group) + ")" for group in self.groups]
        wanted = "(" + " AND ".join(parts or [f'"{mark_of(owner)}"']) + ")"
        return " NOT ".join([wanted, *(f"({_fts5(owner, term)})" for term in self.without)])


def parse(text: str) -> Search:
    """Return what somebody searches for. Raises: SearchError."""
    if len(text) > SEARCH_MAX_LENGTH:
        raise SearchError(
            gettext("The search has %(count)s characters; %(search_max_length)s are the most.")
            % {"count": f"{len(text):,}", "search_max_length": SEARCH_MAX_LENGTH}
        )
    if text.count('"') % 2:
        raise SearchError(
            gettext("The quotation mark before “%(value)s” is never closed.")
            % {"value": text.rpartition(chr(34))[2][:40]}
        )
    groups: list[tuple[Term, ...]] = []
    without: list[Term] = []
    joins = False
    for match in _PART.finditer(text):
        if match["bare"] == "OR":
            if joins or not groups:
                raise SearchError(gettext("OR stands between two words: one is missing before it."))
            joins = True
            continue
        term, is_excluded = _term(match)
        if not term.words:
            continue  # a dash or a comma by itself has nothing to search for
        if is_excluded and joins:
            raise SearchError(
                gettext("After OR stands what may be there instead; “%(value)s” says what must not.")
                % {"value": match[0][:40]}
            )
        if is_excluded:
            without.append(term)
        elif joins:
            groups[-1] = (*groups[-1], term)
        else:
            groups.append((term,))
        joins = False
    if joins:
        raise SearchError(gettext("OR stands between two words: one is missing after it."))
    if not groups and not without:
        raise SearchError(gettext("“%(value)s” has no letters or digits to search for.") % {"value": text.strip()[:40]})
    return Search(tuple(groups), tuple(without))


def _term(match: re.Match[str]) -> tuple[Term, bool]:
    if match["phrase"] is not None:
        return Term(tuple(words_of(match["phrase"])), is_open=False), bool(match["minus"])
    bare = match["bare"]
    return Term(tuple(words_of(bare)), is_open=True), bare.startswith("-")


def _tsquery(owner: uuid.UUID, term: Term) -> str:
    mark = mark_of(owner)
    written = " <-> ".join(f"'{mark}{word}'" for word in term.words) + (":*" if term.is_open else "")
    return " | ".join([written, *(f"'{form}'" for form in _other_forms(owner, term))])


def _fts5(owner: uuid.UUID, term: Term) -> str:
    mark = mark_of(owner)
    written = '"' + " ".join(mark + word for word in term.words) + '"' + (" *" if term.is_open else "")
    return " OR ".join([written, *(f'"{form}"' for form in _other_forms(owner, term))])


def _other_forms(owner: uuid.UUID, term: Term) -> list[str]:
    """Return what else a single word is found by: its stem as a word, and every word that has this stem."""
    if not term.is_open or len(term.words) != 1:
        return []
    (word,) = term.words
    stem = stem_of(word)
    # A word that begins with it is found as it is written.
    as_word = [] if stem.startswith(word) else [mark_of(owner) + stem]
    return [*as_word, stem_mark_of(owner) + stem]


@cache
def _stemmer() -> Any:
    """Return Porter's second stemmer for English."""
    return snowballstemmer.stemmer("english")
