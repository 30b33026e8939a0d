import io
import json
import tracemalloc
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from accounts.models import User
from generation import gallery, picture_encoding, renditions, signed_files, xmp, zips
from generation.models import Image
from tests.generation.pictures import content, draw
from tests.generation.runs import finished, make_person
from tests.generation.videos import clip_of, make_video

pytestmark = pytest.mark.django_db


def pictures_of(user: User, content: bytes = b"a picture", **values: object) -> list[Image]:
    """Make pictures whose originals lie in the storage."""
    images = list(finished(user, **values).images.order_by("index"))
    for image in images:
        default_storage.save(image.file, ContentFile(content + bytes([image.index])))
    return images


def unpacked(user: User, way: str = zips.ORIGINAL) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(zips.stream(Image.objects.visible_to(user), way))))


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


@pytest.mark.parametrize("way", zips.WAYS)
def test_every_file_says_that_a_model_drew_it_and_is_that_of_a_single_download(way: str) -> None:
    user = make_person()
    image = draw(user, prompt="a secret fox", seed=7)
    video = make_video(user, prompt="a secret owl")

    archive = unpacked(user, way)

    film, picture = (archive.read(name) for name in archive.namelist() if not name.endswith(".json"))
    assert xmp.MADE_BY_A_MODEL in xmp.read(picture)
    assert xmp.MADE_BY_A_MODEL in xmp.read(film)
    if way == zips.ORIGINAL:
        assert signed_files.undescribed(picture) == content(image)
        assert film == signed_files.described(video, clip_of(video).mp4)
    else:
        assert picture == renditions.render(image, way, "png")
        assert film == renditions.render(video, way, "mp4")


def test_with_recipe_each_picture_has_its_manifest_beside_it() -> None:
    user = make_person()
    draw(user, prompt="a red fox", seed=7)
    draw(user, prompt="a red fox", seed=8)

    archive = unpacked(user, zips.RECIPE)

    names = archive.namelist()
    assert [name.rpartition(".")[2] for name in names] == ["png", "json", "png", "json"]
    assert json.loads(archive.read(names[1]))["prompt"] == "a red fox"
    assert names[1].removesuffix(".json") == names[0].removesuffix(".png")
    assert b"Seed: 8" in archive.read(names[0])


def test_with_recipe_a_video_has_its_manifest_beside_it_too() -> None:
    video = make_video(make_person("hedy.lamarr@example.com"), prompt="a red fox")

    archive = unpacked(video.user, zips.RECIPE)

    (film, manifest) = archive.namelist()
    assert (film[-4:], manifest[-5:]) == (".mp4", ".json")
    told = json.loads(archive.read(manifest))
    assert (told["prompt"], told["video"]["sha256"]) == ("a red fox", clip_of(video).sha256)


def test_a_clean_zip_says_nowhere_what_was_drawn_by_whom_or_when() -> None:
    user = make_person("hedy.lamarr@example.com")
    image = draw(user, prompt="a secret fox", negative_prompt="fog", seed=987123)
    video = make_video(user, prompt="a secret owl", seed=987124)
    Image.objects.filter(user=user).update(alt_text="A secret", created_at=datetime(2001, 2, 3, tzinfo=UTC))

    packed = b"".join(zips.stream(Image.objects.visible_to(user), zips.CLEAN))

    archive = zipfile.ZipFile(io.BytesIO(packed))
    assert archive.namelist() == ["video-0001.mp4", "picture-0002.png"]
    assert {entry.date_time[0] for entry in archive.infolist()}.isdisjoint({2001})
    for word in (b"secret", b"fox", b"owl", b"hedy", b"987123", b"987124", b"icence"):
        assert word not in packed
    for one in (image, video):
        assert str(one.pk).encode() not in packed


def test_a_clean_zip_names_what_was_deleted_meanwhile_without_its_words() -> None:
    user = make_person()
    draw(user, prompt="a secret fox")
    draw(user, prompt="a secret owl")
    for image in Image.objects.filter(user=user):
        default_storage.delete(image.file)

    archive = unpacked(user, zips.CLEAN)

    assert archive.namelist() == [zips.MISSING_NAME]
    told = archive.read(zips.MISSING_NAME).decode()
    assert "picture-0001.png\npicture-0002.png" in told
    assert "secret" not in told


@pytest.mark.parametrize("way", [zips.RECIPE, zips.CLEAN])
def test_files_made_for_a_zip_are_one_in_memory_at_a_time(way: str) -> None:
    user = make_person()
    noise = np.random.default_rng(3).integers(0, 256, (1024, 1024, 3), dtype=np.uint8)
    large = picture_encoding.png_of(Pillow.fromarray(noise), {})
    job = finished(user, num_images=8)
    for other in job.images.all():
        default_storage.save(other.file, ContentFile(large))
    tracemalloc.start()
    try:
        size = sum(len(block) for block in zips.stream(Image.objects.visible_to(user), way))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size > 24_000_000
    assert peak < 5 * len(large)
