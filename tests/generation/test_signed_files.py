"""Files as their owner takes them away: told what they show, otherwise those that are kept."""

import io
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pillow

from generation import export_file, signed_files, storage, xmp, zips
from generation.models import Image
from tests.generation.pictures import content, draw, pixels
from tests.generation.runs import make_person
from tests.generation.videos import clip_of, make_video
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db
ALT = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}AltTextAccessibility"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def shown_by(file: bytes) -> str | None:
    """Return what a file says that it shows."""
    return ElementTree.fromstring(xmp.read(file)).findtext(f".//{ALT}/{RDF}Alt/{RDF}li")


def downloaded(image: Image, kind: str = "") -> bytes:
    answer = visitor(image.user).get(f"/pictures/{image.pk}/download/", {"kind": kind} if kind else {})
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def described(image: Image, text: str) -> Image:
    image.alt_text = text
    image.save(update_fields=["alt_text"])
    return image


def test_the_picture_says_what_its_prompt_says_or_its_owner() -> None:
    image = draw(make_person("ida.rhodes@example.com"), prompt='a "red" fox & <owl>')

    by_prompt = downloaded(image)
    by_owner = downloaded(described(image, "A fox, asleep \x0b狐"))

    assert (shown_by(content(image)), shown_by(by_prompt)) == (None, 'a "red" fox & <owl>')
    assert shown_by(by_owner) == "A fox, asleep  狐"
    with Pillow.open(io.BytesIO(by_owner)) as picture:
        assert np.array_equal(np.asarray(picture), pixels())
        assert picture.info["License"]
    assert downloaded(image, "original") == content(image)


@pytest.mark.parametrize("kind", ["mp4", "webp", "gif", "poster"])
def test_each_of_a_videos_files_says_what_it_shows(kind: str) -> None:
    video = described(make_video(make_person("hedy.lamarr@example.com"), prompt="A fox"), "A fox that turns its head")
    kept = storage.read({"poster": video.file}.get(kind) or getattr(clip_of(video), kind))

    file = downloaded(video, kind)

    assert (shown_by(kept), shown_by(file)) == (None, "A fox that turns its head")
    assert xmp.MADE_BY_A_MODEL in xmp.read(file)
    assert signed_files.undescribed(file) == kept


def test_zips_and_exports_say_it_too(tmp_path: Path) -> None:
    user = make_person("jean.bartik@example.com")
    image = described(draw(user), "A fox in a zip")
    with ZipFile(io.BytesIO(b"".join(zips.stream(Image.objects.visible_to(user))))) as archive:
        zipped = archive.read(archive.namelist()[0])
    export_file.write(user, tmp_path / "all.zip", lambda *counts: None)
    with ZipFile(tmp_path / "all.zip") as archive:
        exported = next(archive.read(name) for name in archive.namelist() if name.startswith("pictures/"))

    assert zipped == exported == downloaded(image)
    assert shown_by(zipped) == "A fox in a zip"


@pytest.mark.parametrize("of_video", [False, True])
def test_who_checks_the_file_that_was_downloaded_finds_it_on_record(of_video: bool) -> None:
    person = make_person("kay.mcnulty@example.com")
    image = described(make_video(person) if of_video else draw(person), "A fox that is checked")
    sha256 = clip_of(image).sha256 if of_video else image.sha256

    def checked(file: bytes) -> str:
        answer = visitor().post("/verify/", {"file": SimpleUploadedFile("fox", file)}, follow=True)
        assert (answer.redirect_chain == [(f"/verify/?sha256={sha256}", 302)]) == ("On record:" in words(answer))
        return words(answer)

    assert "On record:" in checked(downloaded(image))
    assert "Not on record." in checked(downloaded(image) + b"\0")


def test_what_is_no_file_of_ours_comes_as_it_is_kept() -> None:
    image = draw(make_person("betty.holberton@example.com"))
    default_storage.delete(image.file)
    with default_storage.open(image.file, "wb") as file:
        file.write(b"not a picture")

    assert downloaded(image) == b"not a picture"
