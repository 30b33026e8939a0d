"""Lay drawn pictures out for the previews of links: ``python -m generation.starter.site_cards``.

Made from what ``site_pictures`` drew, so no model is needed. 1200 × 630, as Open Graph asks. What does not belong
here: the previews of people's pictures (``generation.share_cards``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from generation import xmp

STATIC = Path(__file__).parents[2] / "static"
SIZE = (1200, 630)
_QUALITY = 82
# How many pictures fill a card, in two rows; of fewer, this many stand side by side.
_SHEET, _ROW = 8, 3
_GROUND, _GAP = "#f4f4f5", 30


def make_card(pictures: Sequence[Image.Image]) -> Image.Image:
    """Lay eight pictures or more out in two rows of four; of fewer the first, the middle one and the last in a row."""
    if len(pictures) >= _SHEET:
        side = SIZE[1] // 2
        left = (SIZE[0] - 4 * side) // 2
        places = [(left + place % 4 * side, place // 4 * side) for place in range(_SHEET)]
        chosen = list(pictures[:_SHEET])
    else:
        side = (SIZE[0] - (_ROW + 1) * _GAP) // _ROW
        places = [(_GAP + place * (side + _GAP), (SIZE[1] - side) // 2) for place in range(_ROW)]
        chosen = [pictures[0], pictures[len(pictures) // 2], pictures[-1]]
    card = Image.new("RGB", SIZE, _GROUND)
    for picture, place in zip(chosen, places, strict=True):
        card.paste(picture.convert("RGB").resize((side, side), Image.Resampling.LANCZOS), place)
    return card


def files(static: Path) -> dict[str, list[str]]:
    """Return card → what lies on it: one for each guide, the prompt book, the prices and the changelog."""
    drawn = json.loads((static / "img/guides/guides.json").read_text(encoding="utf-8"))
    book = [one["file"] for one in drawn.pop("book")]
    cards = {f"guide-{slug}": [one["file"] for one in stops] for slug, stops in drawn.items()}
    tools = [f"img/tools/{tool}-after.webp" for tool in ("background", "rework", "training")]
    return {**cards, "guides": book[::3], "changelog": book[1::3], "pricing": tools}


def paint_cards(static: Path) -> None:
    """Make every card anew."""
    folder = static / "img/share"
    folder.mkdir(exist_ok=True)
    for name, chosen in files(static).items():
        card = make_card([Image.open(static / file) for file in chosen])
        card.save(folder / f"{name}.jpg", quality=_QUALITY, optimize=True, xmp=xmp.short_packet().encode())


if __name__ == "__main__":
    paint_cards(STATIC)
