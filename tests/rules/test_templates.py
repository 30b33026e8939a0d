"""Templates carry no inline style, script or handler: the content security policy forbids them."""

import re

import pytest
from django.template.loader import get_template

from tests.rules import tree

INLINE = {
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script without src": re.compile(r"<script\b(?![^>]*\ssrc=)(?![^>]*application/(ld\+)?json)", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
}

MERGE_MARKS = re.compile(r"^(<{7}|={7}|>{7})( |$)", re.MULTILINE)


def inline_parts(text: str) -> list[str]:
    """Return a line for each thing that the content security policy would refuse."""
    # A template tag may hold a ">", which would end an element too early.
    bare = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", lambda tag: " " * len(tag[0]), text, flags=re.DOTALL)
    return [
        f"line {bare.count(chr(10), 0, match.start()) + 1}: {what}"
        for what, pattern in INLINE.items()
        for match in pattern.finditer(bare)
    ]


def test_templates_are_free_of_inline_code() -> None:
    pages = [path for path in tree.templates() if "emails" not in path.parts]  # mail clients read no style sheet
    found = [f"{tree.name_of(path)}, {line}" for path in pages for line in inline_parts(path.read_text())]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ('<p style="color: red">', True),
        ('<a href="/" onclick="go()">', True),
        ("<style>p {}</style>", True),
        ("<script>go()</script>", True),
        ('<a href="javascript:go()">', True),
        ('<p class="{% if a > b %}x{% endif %}" style="color: red">', True),
        ('<script src="/static/js/a.js" type="module"></script>', False),
        ('<script type="application/json" id="prices">{}</script>', False),
        ('<input name="style" data-onset="1">', False),
    ],
)
def test_inline_code_is_recognised(text: str, is_refused: bool) -> None:
    assert bool(inline_parts(text)) is is_refused


def test_no_template_holds_the_marks_of_a_merge() -> None:
    marked = [tree.name_of(path) for path in tree.templates() if MERGE_MARKS.search(path.read_text())]
    assert not marked, f"half merged: {', '.join(marked)}"


def test_every_template_can_be_read() -> None:
    for path in tree.templates():
        get_template(path.relative_to(tree.ROOT / "templates").as_posix())
