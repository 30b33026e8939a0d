"""What scripts say stands in the table that translators get, and nothing else does."""

import gettext
import json
import re
import shutil
import subprocess

import pytest
from django.utils import translation
from django.utils.translation import trans_real

from getimg_site import pseudo_locale, script_words
from tests.rules import tree

SCRIPTS = sorted(path for path in (tree.ROOT / "static" / "js").rglob("*.js") if path.name != "words.js")
_COUNTED = re.compile(r'\btn\("([^"]+)", "([^"]+)"')
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
    counted = {pair for path in SCRIPTS for pair in _COUNTED.findall(path.read_text())}
    assert counted == {(form(1), form(2)) for form in script_words.COUNTED.values()}
    assert list(script_words.COUNTED) == [form(1) for form in script_words.COUNTED.values()]


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
    assert set(held) == {*script_words.WORDS, *script_words.COUNTED}
    assert all(held[words].startswith("⟦") for words in script_words.WORDS)
    assert [form[:1] for form in held["{count} credit"]["forms"]] == ["⟦", "⟦"]


class Polish(gettext.GNUTranslations):
    """A language of three forms, whose rule is Polish's."""

    def __init__(self) -> None:
        self.plural = gettext.c2py("n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2")
        self._catalog = {("{count} credit", form): f"{{count}} kredyt{end}" for form, end in enumerate(("", "y", "ów"))}

    def to_language(self) -> str:
        return "pl"


def test_a_language_has_as_many_forms_as_it_has_each_where_its_own_rule_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(trans_real._translations, "pl", Polish())  # type: ignore[attr-defined]
    with translation.override("pl"):
        told = script_words.forms_of(script_words.COUNTED["{count} credit"])

    forms, of = told["forms"], told["of"]
    said = {number: forms[int(of[number])] for number in (0, 1, 2, 5, 12, 22, 101, 104, 112, 122)}
    assert len(of) == 200
    assert len(forms) == 3
    assert said[1] == "{count} kredyt"
    assert {number for number, words in said.items() if words.endswith("y")} == {2, 22, 104, 122}
    assert {number for number, words in said.items() if words.endswith("ów")} == {0, 5, 12, 101, 112}


def test_the_script_takes_the_form_that_the_table_says() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    table = {"{count} credit": {"forms": ["{count} a", "{count} b"], "of": "0" * 110 + "1" + "0" * 89}}
    page = (
        "globalThis.document = { documentElement: { lang: 'en' },"
        " getElementById: () => globalThis.held && { textContent: globalThis.held } };"
    )
    asks = 'console.log([1, 2, 110, 310, 1110, 1111].map((n) => tn("{count} credit", "{count} credits", n)).join());'
    code = (tree.ROOT / "static" / "js" / "words.js").read_text().replace("export ", "")

    said = [
        subprocess.run(
            [node, "-e", f"{page} globalThis.held = {held};\n{code}\n {asks}"], capture_output=True, text=True
        )
        for held in ("''", json.dumps(json.dumps(table)))
    ]

    assert said[0].stdout.strip().startswith("1 credit,2 credits,110 credits"), said[0].stderr
    assert said[1].stdout.strip() == "1 a,2 a,110 b,310 b,1,110 b,1,111 a", said[1].stderr
