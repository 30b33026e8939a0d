"""What is in an export, and that it takes no more memory for more pictures."""

import csv
import json
import tracemalloc
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import User
from generation import certificates, diffusions, export_file, gallery, housekeeping, signed_files
from generation.models import Image
from tests.generation.pictures import content, draw
from tests.generation.runs import finished, make_person
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db

HOSTILE = "../../etc/passwd\n=cmd|' /C calc'!A0 \u202egpj.exe <script>"


def written(user: User, path: Path, report: Any = lambda *counts: None) -> ZipFile:
    export_file.write(user, path, report)
    archive = ZipFile(path)
    assert archive.testzip() is None
    return archive


def test_each_picture_is_in_it_with_its_recipe_and_its_certificate(tmp_path: Path) -> None:
    user = make_person()
    image = draw(user, prompt="a red fox")

    archive = written(user, tmp_path / "all.zip")

    name = f"000001-a-red-fox-{image.seed}"
    assert signed_files.undescribed(archive.read(f"pictures/{name}.png")) == content(image)
    recipe = json.loads(archive.read(f"recipes/{name}.json"))
    assert (recipe["settings"]["prompt"], recipe["settings"]["seed"]) == ("a red fox", image.seed)
    assert recipe["sha256"] == image.sha256
    certificate = certificates.check(archive.read(f"certificates/{name}.json").decode())
    assert certificate.facts["picture"]["sha256"] == image.sha256


def test_profile_ledger_and_uploads_are_in_it_and_nobody_elses(tmp_path: Path) -> None:
    user, other = make_person("ada@example.com"), make_person("bob@example.com")
    draw(other, prompt="bobs secret")
    kept = brought(user)

    archive = written(user, tmp_path / "all.zip")

    assert json.loads(archive.read("profile.json"))["profile"]["email"] == "ada@example.com"
    lines = list(csv.reader(archive.read("credits-site.csv").decode().splitlines()))
    assert [line[3] for line in lines[1:]] == ["For a test"]
    assert archive.read(f"uploads/{kept.pk}.png")
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"bob" not in everything


def test_names_are_harmless_whatever_was_typed(tmp_path: Path) -> None:
    user = make_person(HOSTILE[:5].replace("/", "") + "x@example.com")
    draw(user, prompt=HOSTILE)

    archive = written(user, tmp_path / "all.zip")

    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./")
    for name in archive.namelist():
        assert set(name) <= allowed, name
        assert ".." not in name
        assert not name.startswith("/")
    assert archive.namelist()[2].startswith("pictures/000001-etcpasswd")


def test_what_is_deleted_meanwhile_is_left_out_and_listed(tmp_path: Path) -> None:
    user = make_person()
    kept, without_file, deleted = (draw(user, prompt=f"picture {number}") for number in range(3))
    default_storage.delete(without_file.file)

    def delete_one(pictures: int, done: int, skipped: int) -> None:
        if done == 0:
            gallery.delete(deleted)
            housekeeping.purge_now(user, [deleted.pk])

    archive = written(user, tmp_path / "all.zip", delete_one)

    assert archive.read("skipped.txt").decode().split() == [str(without_file.pk), str(deleted.pk)]
    assert [name for name in archive.namelist() if name.startswith("pictures/")] == [
        f"pictures/000001-picture-0-{kept.seed}.png"
    ]
    assert "2 pictures that were deleted for good" in archive.read("README.txt").decode()


def test_pictures_in_the_trash_are_in_a_folder_of_their_own(tmp_path: Path) -> None:
    user = make_person()
    image = draw(user, prompt="a red fox")
    gallery.delete(image)

    archive = written(user, tmp_path / "all.zip")

    name = f"000001-a-red-fox-{image.seed}"
    ends = (f"pictures/{name}.png", *(f"{folder}/{name}.json" for folder in ("recipes", "manifests", "certificates")))
    assert [entry for entry in archive.namelist() if "/" in entry] == [f"trash/{end}" for end in ends]
    assert signed_files.undescribed(archive.read(f"trash/{ends[0]}")) == content(image)
    assert "trash/ " in archive.read("README.txt").decode()


def test_what_cannot_be_brought_back_is_not_in_it(tmp_path: Path) -> None:
    user = make_person()
    purged, by_program = draw(user), draw(user)
    gallery.delete(purged)
    housekeeping.purge_now(user, [purged.pk])
    diffusions.delete(by_program.job)

    assert not [name for name in written(user, tmp_path / "all.zip").namelist() if "/" in name]


def test_how_far_it_is_is_told_after_each_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_file, "_CHUNK", 2)
    user = make_person()
    for _ in range(3):
        draw(user)
    told: list[tuple[int, int, int]] = []

    written(user, tmp_path / "all.zip", lambda *counts: told.append(counts))

    assert told == [(3, 0, 0), (3, 2, 0), (3, 3, 0)]


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    user = make_person(credits=1000)
    images = [*finished(user, num_images=10).images.all(), *finished(user, num_images=10).images.all()]
    for image in images:
        default_storage.save(image.file, ContentFile(bytes(8_000_000)))
    for image in images[10:]:
        gallery.delete(image)
    assert Image.objects.count() == 20

    tracemalloc.start()
    archive = written(user, tmp_path / "all.zip")
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sum(entry.file_size for entry in archive.infolist()) > 160_000_000
    assert peak_bytes < 32_000_000
