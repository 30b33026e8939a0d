"""No page but the editor loads more than 60 KiB of script, compressed as it travels.

Read from the templates, so that no page is forgotten: what one extends and includes is counted, both sides of an
`if`. What Django's admin adds on its pages is weighed by `tests/getimg_site/test_admin_site.py`. The figures in
`docs/benchmarks.md` are taken from Chromium, of the pages that are listed there.
"""

import functools
import gzip
import re
from pathlib import Path

import allauth
import pytest

from tests.rules import tree

BOUND = 60 * 1024
# The board that Konva draws is the one page that may weigh more.
EDITOR = "generation/editor.html"
STATIC = tree.ROOT / "static"
FOLDERS = (tree.ROOT / "templates", Path(allauth.__file__).parent / "templates")

_SCRIPT = re.compile(r"""<script\b[^>]*\ssrc="(?:{%\s*static\s+['"]([^'"]+)['"]\s*%}|/static/([^"]+))\"""")
_OTHER = re.compile(r"""{%\s*(?:extends|include)\s+["']([^"']+)["']""")
_IMPORT = re.compile(r"""(?:^|[;\s])(?:import|export)\b[^;"'`()]*?["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)
_LATER = re.compile(r"""\bimport\(\s*["'](\.{1,2}/[^"']+)["']""")


def scripts_of(name: str, seen: set[str] | None = None) -> set[Path]:
    """Return every script of ours that a page made of this template can load."""
    seen = set() if seen is None else seen
    path = next((folder / name for folder in FOLDERS if (folder / name).is_file()), None)
    if path is None or name in seen:
        return set()
    seen.add(name)
    text = path.read_text()
    found: set[Path] = set()
    for ours, plain in _SCRIPT.findall(text):
        found |= _with_imports(STATIC / (ours or plain))
    for other in _OTHER.findall(text):
        found |= scripts_of(other, seen)
    return found


@functools.cache
def _with_imports(path: Path) -> frozenset[Path]:
    found, waiting = set(), [path]
    while waiting:
        one = waiting.pop()
        if one not in found and one.is_file():  # a script of Django's admin lies elsewhere
            found.add(one)
            text = one.read_text()
            waiting += [(one.parent / other).resolve() for other in _IMPORT.findall(text) + _LATER.findall(text)]
    return frozenset(found)


@functools.cache
def _size(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def _names() -> list[str]:
    return sorted({path.relative_to(folder).as_posix() for folder in FOLDERS for path in folder.rglob("*.html")})


def test_no_page_but_the_editor_loads_more_script_than_the_bound() -> None:
    weights = {name: sum(_size(path) for path in scripts_of(name)) for name in _names()}
    heavy = {name: weight for name, weight in weights.items() if weight > BOUND and name != EDITOR}

    assert weights[EDITOR] > BOUND, "the sum sees what the editor loads"
    assert weights["generation/create.html"] > BOUND / 4
    assert not heavy, f"more than {BOUND} bytes of script: {heavy}"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('import { a } from "./words.js";', ["./words.js"]),
        ("import {\n  a,\n  b,\n} from '../words.js';", ["../words.js"]),
        ('import "./a.js";', ["./a.js"]),
        ('export { a } from "./a.js";', ["./a.js"]),
        ('const words = "./a.js";', []),
    ],
)
def test_an_import_is_recognised(line: str, found: list[str]) -> None:
    assert _IMPORT.findall(line) == found


def test_a_template_counts_what_it_extends() -> None:
    names = {path.name for path in scripts_of("generation/library.html")}

    assert {"theme.js", "selection.js", "words.js"} <= names
