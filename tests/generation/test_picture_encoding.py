"""Files of a picture: lossless, small, and alike in what they show."""

import base64
import hashlib
import io
import math

import numpy as np
from PIL import Image as Pillow

from generation import picture_encoding

NOISE = np.random.default_rng(0).integers(0, 255, (700, 900, 3), dtype=np.uint8)


def opened(content: bytes) -> Pillow.Image:
    picture = Pillow.open(io.BytesIO(content))
    picture.load()
    return picture


def test_the_original_is_lossless_and_says_what_it_is_told_to() -> None:
    picture = opened(picture_encoding.png_of(Pillow.fromarray(NOISE), {"parameters": "a füchsin fox"}))
    assert picture.format == "PNG"
    assert picture.info["parameters"] == "a füchsin fox"
    assert np.array_equal(np.asarray(picture), NOISE)


def test_thumbnails_come_smallest_first_and_the_placeholder_is_tiny() -> None:
    picture = Pillow.fromarray(NOISE)
    small, large = (opened(content) for content in picture_encoding.thumbnails_of(picture))
    assert [(each.format, max(each.size)) for each in (small, large)] == [("WEBP", 320), ("WEBP", 640)]
    assert picture_encoding.thumbnail_of(picture)[:4] == b"RIFF"
    assert max(opened(base64.b64decode(picture_encoding.placeholder_of(picture))).size) == 8


def test_a_thumbnail_that_weighs_too_much_is_written_in_fewer_bytes_down_to_a_floor() -> None:
    picture = Pillow.fromarray(NOISE)
    usual, floor = (picture_encoding.thumbnails_of(picture, most=most)[0] for most in (math.inf, 0))
    bound = (len(usual) + len(floor)) / 2

    within = picture_encoding.thumbnails_of(picture, most=bound)[0]

    assert len(floor) < len(within) <= bound < len(usual)
    assert picture_encoding.thumbnails_of(picture, most=len(usual))[0] == usual


def test_the_pixels_checksum_is_of_the_pixels_alone() -> None:
    expected = hashlib.sha256(NOISE.tobytes()).hexdigest()
    assert picture_encoding.pixels_sha256_of(Pillow.fromarray(NOISE)) == expected
