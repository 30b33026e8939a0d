"""Scripts name no colour and fetch no address by heart, and one of them sends short messages.

What they draw with comes from tokens.css, in the theme that is on; addresses come with the page.
"""

import re

import pytest

from tests.rules import tree

SCRIPTS = sorted((tree.ROOT / "static" / "js").rglob("*.js"))
COLOUR = re.compile(r"""["'`](#[0-9a-f]{3,8}(?![\w-])|(rgba?|hsla?|oklch|light-dark)\()""", re.IGNORECASE)


def test_scripts_take_their_colours_from_the_tokens() -> None:
    found = [tree.name_of(path) for path in SCRIPTS if COLOUR.search(path.read_text())]
    assert SCRIPTS
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


def test_short_messages_are_sent_by_one_module() -> None:
    senders = [tree.name_of(path) for path in SCRIPTS if 'CustomEvent("toast"' in path.read_text()]
    assert senders == ["static/js/toast.js"]


def test_addresses_come_with_the_page() -> None:
    found = [tree.name_of(path) for path in SCRIPTS if re.search(r"""fetch\(["'`]/""", path.read_text())]
    assert not found, f"addresses by heart in {', '.join(found)}"
