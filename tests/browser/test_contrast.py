"""Text and controls stand out from their grounds in both themes."""

import re

import pytest

from tests.rules.tree import ROOT

TEXT, CONTROL = 4.5, 3.0
GROUNDS = ("ground", "ground-raised", "ground-sunken", "grey-3", "grey-4")
PAIRS = [
    *((word, ground, TEXT) for word in ("text", "text-quiet") for ground in GROUNDS),
    *(("accent-text", ground, TEXT) for ground in ("ground", "ground-raised", "ground-sunken", "accent-tint")),
    ("on-accent", "accent-fill", TEXT),
    ("on-accent", "accent-fill-hover", TEXT),
    *((f"{kind}-text", f"{kind}-tint", TEXT) for kind in ("success", "warning", "danger")),
    *((f"{kind}-text", "ground", TEXT) for kind in ("success", "warning", "danger")),
    *(("text", f"{kind}-tint", TEXT) for kind in ("success", "warning", "danger")),
    *(("control-line", ground, CONTROL) for ground in ("ground", "ground-raised")),
    *(("accent-line", ground, CONTROL) for ground in ("ground", "ground-raised", "grey-4")),
]


def tokens() -> dict[str, tuple[str, str]]:
    """Return each colour as (light, dark)."""
    sheet = (ROOT / "static/css/tokens.css").read_text()
    found = {
        name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", sheet)
    }
    found |= {name: (colour, colour) for name, colour in re.findall(r"--([\w-]+): (#\w{6});", sheet)}
    for name, other in re.findall(r"--([\w-]+): var\(--([\w-]+)\);", sheet):
        if other in found:
            found[name] = found[other]
    return found


def luminance(colour: str) -> float:
    """Return the relative luminance. Source: WCAG 2.2."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21. Source: WCAG 2.2."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "place"), [("light", 0), ("dark", 1)])
def test_colours_stand_out_from_their_grounds(theme: str, place: int) -> None:
    found = tokens()
    weak = {
        f"{front} on {back}": round(ratio, 2)
        for front, back, bound in PAIRS
        if (ratio := contrast(found[front][place], found[back][place])) < bound
    }
    assert not weak, f"{theme}: {weak}"


def test_contrast_is_measured_as_the_guideline_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
