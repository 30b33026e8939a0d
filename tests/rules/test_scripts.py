"""Scripts name no colour: what they draw with comes from tokens.css, in the theme that is on."""

import re

import pytest

from tests.rules import tree

COLOUR = re.compile(r"""["'`](#[0-9a-f]{3,8}(?![\w-])|(rgba?|hsla?|oklch|light-dark)\()""", re.IGNORECASE)


def test_scripts_take_their_colours_from_the_tokens() -> None:
    scripts = sorted((tree.ROOT / "static" / "js").rglob("*.js"))
    found = [tree.name_of(path) for path in scripts if COLOUR.search(path.read_text())]
    assert scripts
    assert not found, f"colours in {', '.join(found)}"


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ('context.fillStyle = "#fff";', True),
        ("fill: 'rgb(79 91 255 / 10%)'", True),
        ("rect.fill(`hsl(0 0% 0%)`)", True),
        ('querySelector("#canvas")', False),
        ('context.fillStyle = colours.paint; querySelector("#add-part")', False),
    ],
)
def test_a_colour_is_recognised(line: str, is_found: bool) -> None:
    assert bool(COLOUR.search(line)) is is_found
