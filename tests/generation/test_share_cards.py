"""The picture that a link to a shown picture is previewed with."""

import io

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from generation import share_cards, xmp
from generation.models import Image


def stored(name: str, size: tuple[int, int], mode: str = "RGB") -> Image:
    """Return a picture, red but for what is transparent, whose thumbnail is stored."""
    red = Pillow.new(mode, size, (255, 0, 0) if mode == "RGB" else (255, 0, 0, 0))
    buffer = io.BytesIO()
    red.save(buffer, "WEBP", lossless=True)
    return Image(thumbnail_640=default_storage.save(f"cards/{name}.webp", ContentFile(buffer.getvalue())))


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (64, 64)])
def test_the_whole_picture_stands_on_its_own_colours(size: tuple[int, int]) -> None:
    content = share_cards.render(stored(f"{size[0]}", size))

    with Pillow.open(io.BytesIO(content)) as card:
        pixels = np.asarray(card).astype(int)
        packet = card.info["xmp"].decode()
    assert (card.format, card.size) == ("JPEG", (1200, 630))
    assert len(content) < 300_000
    assert abs(pixels[315, 600] - [255, 0, 0]).max() < 8
    shown = pixels[315, :, 0] > 240
    assert abs(shown.sum() - min(1200, 630 * size[0] // size[1])) < 20
    assert 100 < pixels[315, 5, 0] < 200
    assert xmp.MADE_BY_A_MODEL in packet


def test_what_is_transparent_is_white() -> None:
    with Pillow.open(io.BytesIO(share_cards.render(stored("clear", (64, 64), "RGBA")))) as card:
        assert card.getpixel((600, 315)) == (255, 255, 255)
