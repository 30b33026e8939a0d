"""Files that come with reports: taken by what is in them, refused with name, value and bound."""

import io
import json
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings
from PIL import Image, PngImagePlugin

from generation import video_encoding
from getimg_site import attachments
from getimg_site.attachments import AttachmentRefused


def picture(kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(file, kind, **options)
    return file.getvalue()


def video() -> bytes:
    return video_encoding.mp4(np.zeros((2, 32, 32, 3), np.uint8), 8)


@pytest.mark.parametrize(
    ("content", "kept_as"),
    [
        *((picture(kind), (".png", "image/png")) for kind in ("PNG", "JPEG", "WEBP")),
        (picture("GIF"), (".gif", "image/gif")),
        (picture("GIF", save_all=True, append_images=[Image.new("RGB", (32, 32))]), (".gif", "image/gif")),
        ("\ufeffa line\tof a log \x1b[31mred\x1b[0m ü\r\n".encode(), (".txt", "text/plain")),
        (json.dumps({"error": "<script>"}).encode(), (".txt", "text/plain")),
        (video(), (".mp4", "video/mp4")),
    ],
)
def test_what_a_file_is_is_seen_in_it_and_not_in_its_name(content: bytes, kept_as: tuple[str, str]) -> None:
    kept = attachments.read("C:\\logs\\../\u202eevil\x00.html", content)

    assert (kept.suffix, kept.content_type) == kept_as
    assert kept.name == "evil.html"


def test_of_a_picture_nothing_but_its_pixels_is_kept() -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("where", "52.5, 13.4")

    assert b"13.4" not in attachments.read("a.png", picture("PNG", pnginfo=said) + b"13.4").content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        b"MZ\x90\x00\x03",
        b"PK\x03\x04\x14\x00",
        b"text with a \x00 in it",
        "a log".encode("utf-16"),
        b"GIF89a and no picture",
        video()[:-40],
        video()[:32],
    ],
)
def test_what_is_none_of_these_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(AttachmentRefused, match=r"“a\.png” is neither a PNG, JPEG, WebP or GIF picture, nor text"):
        attachments.read("a.png", content)


def test_what_is_too_large_is_told_with_its_size_and_the_bound(settings: LazySettings) -> None:
    settings.INPUT_IMAGE_MAX_BYTES = 1_000_000
    with pytest.raises(AttachmentRefused, match=r"“a\.log” has 2\.1 MB; 2 MB are the most"):
        attachments.read("a.log", b"x" * 2_100_000)
    with pytest.raises(AttachmentRefused, match=r"“a\.gif” has 1\.2 MB; 1 MB are the most"):
        attachments.read("a.gif", picture("GIF") + bytes(1_200_000))
    with pytest.raises(AttachmentRefused, match=r"“a\.png” cannot be taken\. The file has 1\.2 MB; 1 MB are the most"):
        attachments.read("a.png", picture("PNG") + bytes(1_200_000))
