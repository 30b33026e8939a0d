import re
import uuid

import pytest

from generation import search_words
from generation.search_words import SearchError, Term

OWNER = uuid.UUID("01a21f30-ec90-73ae-b88a-3da69f84f889")
MARK = "u9f84f889"
STEM = "s9f84f889"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A red fox, sitting", ["a", "red", "fox", "sitting"]),
        ("sci-fi_city (neon:1.3)", ["sci", "fi", "city", "neon", "1", "3"]),
        ("Café STRASSE Straße", ["cafe", "strasse", "strasse"]),
        ("東京タワー at night", ["東", "京", "タ", "ワ", "ー", "at", "night"]),
        ("'; DROP TABLE -- \\", ["drop", "table"]),
        ("", []),
    ],
)
def test_a_text_becomes_words(text: str, words: list[str]) -> None:
    assert search_words.words_of(text) == words


def test_every_word_carries_its_owners_mark_and_the_mark_stands_alone_first() -> None:
    assert search_words.marked(OWNER, ["red fox", "snow"]) == [MARK, MARK + "red", MARK + "fox", MARK + "snow"]


def test_stems_stand_behind_the_words_each_once() -> None:
    assert search_words.marked(OWNER, ["two foxes and foxes running"])[6:] == [STEM + "fox", STEM + "run"]


def test_another_form_is_looked_for_by_its_stem_as_a_word_and_as_a_stem() -> None:
    assert search_words.parse("foxes").as_fts5(OWNER) == f'(("{MARK}foxes" * OR "{MARK}fox" OR "{STEM}fox"))'


def test_a_text_of_many_words_is_cut() -> None:
    assert len(search_words.marked(OWNER, ["fox " * 9000])) == 1 + search_words.WORDS_MAX


def test_a_search_is_read() -> None:
    search = search_words.parse('red "old fox" OR owl -snow')

    assert search.groups == ((Term(("red",), True),), (Term(("old", "fox"), False), Term(("owl",), True)))
    assert search.without == (Term(("snow",), True),)


def test_a_search_is_written_for_both_databases() -> None:
    search = search_words.parse('red "old fox" OR owl -snow')

    assert search.as_tsquery(OWNER) == (
        f"('{MARK}red':* | '{STEM}red') & ('{MARK}old' <-> '{MARK}fox' | '{MARK}owl':* | '{STEM}owl')"
        f" & !('{MARK}snow':* | '{STEM}snow')"
    )
    assert search.as_fts5(OWNER) == (
        f'(("{MARK}red" * OR "{STEM}red") AND ("{MARK}old {MARK}fox" OR "{MARK}owl" * OR "{STEM}owl"))'
        f' NOT ("{MARK}snow" * OR "{STEM}snow")'
    )


def test_what_is_excluded_alone_is_excluded_from_everything_of_the_owner() -> None:
    search = search_words.parse("-snow")

    assert search.as_tsquery(OWNER) == f"'{MARK}' & !('{MARK}snow':* | '{STEM}snow')"
    assert search.as_fts5(OWNER) == f'("{MARK}") NOT ("{MARK}snow" * OR "{STEM}snow")'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a "red fox', "The quotation mark before “red fox” is never closed."),
        ("OR fox", "OR stands between two words: one is missing before it."),
        ("fox OR", "OR stands between two words: one is missing after it."),
        ("fox OR OR owl", "OR stands between two words: one is missing before it."),
        ("fox OR -owl", "After OR stands what may be there instead; “-owl” says what must not."),
        ("!!! ???", "“!!! ???” has no letters or digits to search for."),
        ("x" * 201, "The search has 201 characters; 200 are the most."),
    ],
)
def test_a_search_that_means_nothing_is_refused_with_its_reason(text: str, message: str) -> None:
    with pytest.raises(SearchError, match="^" + re.escape(message) + "$"):
        search_words.parse(text)


def test_marks_between_words_are_no_words() -> None:
    assert search_words.parse("fox - owl").groups == search_words.parse("fox owl").groups
