"""Packets in files: put in and taken out again with no other byte changed, and read by a program of others."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from generation import picture_encoding, video_encoding, xmp
from tests.rules import tree

PACKET = xmp.short_packet()
OTHER = PACKET.replace('rdf:about=""', 'rdf:about="Füchse · 狐"')
NOISE = np.random.default_rng(4).integers(0, 255, (40, 61, 3), dtype=np.uint8)
CLEAR = np.dstack([NOISE, NOISE[..., :1]])
FRAMES = np.stack([NOISE[:40, :60]] * 3)


def saved(pixels: np.ndarray, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "PNG": lambda: picture_encoding.png_of(Pillow.fromarray(NOISE), {"License": "Personal use."}),
    "WebP": lambda: saved(NOISE, "WEBP"),
    "WebP, lossless": lambda: saved(NOISE, "WEBP", lossless=True),
    "WebP, lossless and clear": lambda: saved(CLEAR, "WEBP", lossless=True),
    "WebP, clear": lambda: saved(CLEAR, "WEBP"),
    "WebP that goes round": lambda: video_encoding.webp(FRAMES, 8),
    "GIF": lambda: video_encoding.gif(FRAMES, 8, comment="Personal use."),
    "MP4": lambda: video_encoding.mp4(FRAMES, 8),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_packet_is_put_into_a_file_and_replaced_and_nothing_else_changes(kind: str) -> None:
    bare = FILES[kind]()
    with_one = xmp.put(bare, PACKET)
    with_other = xmp.put(with_one, OTHER)

    assert [xmp.read(content) for content in (bare, with_one, with_other)] == ["", PACKET, OTHER]
    assert xmp.put(with_other, PACKET) == with_one
    if kind == "MP4":
        return
    before, after = (Pillow.open(io.BytesIO(content)) for content in (bare, with_other))
    assert (after.size, after.mode, getattr(after, "n_frames", 1)) == (
        before.size,
        before.mode,
        getattr(before, "n_frames", 1),
    )
    assert np.array_equal(np.asarray(after), np.asarray(before))
    if kind != "GIF":  # of which Pillow reads none
        assert after.getxmp()["RDF"]["Description"]["DigitalSourceType"] == xmp.MADE_BY_A_MODEL


def test_the_packet_that_pillow_wrote_is_the_one_that_is_replaced() -> None:
    content = saved(NOISE, "WEBP", xmp=PACKET.encode())

    assert xmp.read(content) == PACKET
    assert Pillow.open(io.BytesIO(xmp.put(content, OTHER))).info["xmp"] == OTHER.encode()


@pytest.mark.parametrize("kind", FILES)
def test_files_that_break_off_have_no_packet_and_get_none(kind: str) -> None:
    whole = xmp.put(FILES[kind](), PACKET)

    for length in (0, 3, 8, 12, 20, 27, len(whole) // 2, len(whole) - 3):
        assert xmp.read(whole[:length]) in ("", PACKET)
    with pytest.raises(ValueError, match=r"this|not a PNG"):
        xmp.put(whole[:20], PACKET)


def test_a_packed_packet_is_read_and_one_that_unpacks_to_much_is_cut() -> None:
    def packed(text: str) -> bytes:
        chunks = PngInfo()
        chunks.add_itxt(xmp.PNG_KEYWORD, text, zip=True)
        return saved(NOISE, "PNG", pnginfo=chunks)

    assert xmp.read(packed(OTHER)) == OTHER
    assert len(xmp.read(packed("x" * (1 << 22)))) == 1 << 20


def test_a_packet_before_a_videos_frames_is_blanked_so_that_nothing_moves() -> None:
    bare = video_encoding.mp4(FRAMES, 8)
    box = xmp.put(bare, PACKET)[len(bare) :]
    odd = box + bare  # no such file is made here

    content = xmp.put(bare[: bare.index(b"moov") - 4] + box + bare[bare.index(b"moov") - 4 :], OTHER)

    assert content.count(b"free") >= 1
    assert xmp.read(content) == OTHER
    with pytest.raises(ValueError, match="not a PNG"):
        xmp.put(odd, OTHER)


def test_the_sites_own_pictures_say_what_drew_them() -> None:
    told = {}
    for path in (tree.ROOT / "static" / "img").rglob("*"):
        if path.suffix in (".webp", ".png", ".jpg"):
            with Pillow.open(path) as picture:
                description = picture.getxmp().get("RDF", {}).get("Description", {})
            told[path.name] = description.get("DigitalSourceType")

    assert len(told) > 70
    assert told.pop("training-before.webp") == xmp.MADE_BY_A_PROGRAM
    assert [name for name, source in told.items() if source != xmp.MADE_BY_A_MODEL] == []
