"""What scripts say stands in the table that translators get, and nothing else does."""

import json
import re

import pytest
from django.utils import translation

from getimg_site import pseudo_locale, script_words
from tests.rules import tree

SCRIPTS = sorted(path for path in (tree.ROOT / "static" / "js").rglob("*.js") if path.name != "words.js")
_CALL = re.compile(r'\bt\((?:[^"()]*\? )?"([^"]+)"(?: : "([^"]+)")?')
# A sentence, or what is said to the person, as it stands: quoted, beginning large, of several words.
_SENTENCE = re.compile(r"""["'`]([A-Z][a-z’']+ [a-z][^"'`]* [^"'`]*)["`']""")


def said_in(text: str) -> set[str]:
    """Return the words that are looked up."""
    return {words for found in _CALL.findall(text) for words in found if words}


def unmarked(text: str) -> list[str]:
    """Return the sentences that are said as they stand."""
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    return [words for words in _SENTENCE.findall(_CALL.sub("", code)) if "=>" not in words]


def test_the_table_holds_what_the_scripts_say_and_no_more() -> None:
    said = set().union(*(said_in(path.read_text()) for path in SCRIPTS))
    assert said == set(script_words.WORDS)


def test_no_script_says_a_sentence_that_cannot_be_translated() -> None:
    found = [f"{tree.name_of(path)}: {words}" for path in SCRIPTS for words in unmarked(path.read_text())]
    assert not found, "Say it by t(), and add it to getimg_site/script_words.py:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('say("That did not arrive. Try again.");', ["That did not arrive. Try again."]),
        ('say(t("That did not arrive. Try again."));', []),
        ('// say("That did not arrive.")', []),
        ('t(one ? "{n} credit" : "{n} credits")', []),
        ('if (event.key === "Escape") close("Delete");', []),
    ],
)
def test_a_sentence_is_recognised(line: str, words: list[str]) -> None:
    assert unmarked(line) == words


def test_the_page_brings_the_table_in_another_language_alone() -> None:
    assert script_words.table() == ""
    pseudo_locale.install()
    with translation.override(pseudo_locale.CODE):
        table = script_words.table()
    held = json.loads(re.sub("</?script[^>]*>", "", table))
    assert set(held) == set(script_words.WORDS)
    assert all(words.startswith("⟦") for words in held.values())
