import io
import json
import tracemalloc
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import User
from generation import gallery, zips
from generation.models import Image
from tests.generation.runs import finished, make_person
from tests.generation.videos import clip_of, make_video

pytestmark = pytest.mark.django_db


def pictures_of(user: User, content: bytes = b"a picture", **values: object) -> list[Image]:
    """Make pictures whose originals lie in the storage."""
    images = list(finished(user, **values).images.order_by("index"))
    for image in images:
        default_storage.save(image.file, ContentFile(content + bytes([image.index])))
    return images


def unpacked(user: User) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(zips.stream(Image.objects.visible_to(user)))))


def test_a_zip_holds_every_picture_whole_newest_first() -> None:
    user = make_person()
    images = pictures_of(user, num_images=3)

    archive = unpacked(user)

    assert archive.testzip() is None
    assert archive.namelist() == [zips.name_of(image, image.file) for image in reversed(images)]
    assert archive.read(archive.namelist()[0]) == b"a picture\x02"


@pytest.mark.parametrize(
    "prompt",
    [
        "../../etc/passwd",
        "..\\..\\windows\\win.ini",
        "/root/x",
        "a:b|c?*<>",
        "con",
        "\u202egpj.exe",
        "東京",
        "x" * 900,
        ".",
    ],
)
def test_a_name_is_harmless_whatever_stands_in_the_prompt(prompt: str) -> None:
    user = make_person()
    pictures_of(user, prompt=prompt, num_images=2)

    names = unpacked(user).namelist()

    assert len(set(names)) == 2
    for name in names:
        assert name.removesuffix(".png").replace("-", "").replace("_", "").isalnum()
        assert name.isascii()
        assert len(name) < 120


def test_a_picture_that_is_deleted_meanwhile_is_left_out_and_named() -> None:
    user = make_person()
    images = pictures_of(user, num_images=3)
    blocks = zips.stream(Image.objects.visible_to(user))
    sent = next(blocks)
    default_storage.delete(images[1].file)

    archive = zipfile.ZipFile(io.BytesIO(sent + b"".join(blocks)))

    assert archive.testzip() is None
    assert len(archive.namelist()) == 3
    assert zips.name_of(images[1], images[1].file) in archive.read(zips.MISSING_NAME).decode()


def test_a_picture_that_is_put_into_the_trash_meanwhile_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "_CHUNK", 1)
    user = make_person()
    images = pictures_of(user, num_images=3)
    blocks = zips.stream(Image.objects.visible_to(user))
    sent = next(blocks)
    gallery.delete(images[1])

    archive = zipfile.ZipFile(io.BytesIO(sent + b"".join(blocks)))

    kept = [zips.name_of(image, image.file) for image in (images[2], images[0])]
    assert archive.namelist() == [*kept, zips.MISSING_NAME]
    assert zips.name_of(images[1], images[1].file) in archive.read(zips.MISSING_NAME).decode()


def test_many_pages_of_pictures_come_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "_CHUNK", 2)
    user = make_person()
    pictures_of(user, num_images=5)

    assert len(set(unpacked(user).namelist())) == 5


def test_memory_is_bounded_by_a_file_not_by_the_zip() -> None:
    user = make_person()
    pictures_of(user, content=bytes(4_000_000), num_images=8)
    tracemalloc.start()
    try:
        size = sum(len(block) for block in zips.stream(Image.objects.visible_to(user)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size > 32_000_000
    assert peak < 14_000_000


def test_a_zip_of_nothing_is_a_zip() -> None:
    assert unpacked(make_person()).namelist() == []


def test_with_recipe_each_picture_has_its_manifest_beside_it() -> None:
    user = make_person()
    pictures_of(user, num_images=2)

    stream = zips.stream(Image.objects.visible_to(user), with_manifests=True)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(stream)))

    names = archive.namelist()
    assert [name.rpartition(".")[2] for name in names] == ["png", "json", "png", "json"]
    assert json.loads(archive.read(names[1]))["prompt"] == "a red fox"
    assert names[1].removesuffix(".json") == names[0].removesuffix(".png")


def test_with_recipe_a_video_has_its_manifest_beside_it_too() -> None:
    video = make_video(make_person("hedy.lamarr@example.com"), prompt="a red fox")

    stream = zips.stream(Image.objects.visible_to(video.user), with_manifests=True)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(stream)))

    (film, manifest) = archive.namelist()
    assert (film[-4:], manifest[-5:]) == (".mp4", ".json")
    told = json.loads(archive.read(manifest))
    assert (told["prompt"], told["video"]["sha256"]) == ("a red fox", clip_of(video).sha256)
