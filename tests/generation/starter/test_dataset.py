"""Packages are checked before they are used, and nouns are chosen by name."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from PIL import Image

from generation.checksums import hash_file
from generation.starter import dataset
from generation.starter.dataset import Package, PackageDamaged, SpriteShelf, load_nouns


def _write_tarball(path: Path, name: str, content: bytes) -> None:
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))


def _entry(label: str, hexcode: str, group: int) -> dict[str, object]:
    return {"label": label, "hexcode": hexcode, "group": group, "subgroup": 1}


def test_tarball_of_the_pinned_checksum_is_unpacked(tmp_path: Path) -> None:
    package = Package("@scope/pictures", "1.0.0", "")
    _write_tarball(tmp_path / package.tarball, "package/a.txt", b"a")
    pinned = Package(package.name, package.version, hash_file(tmp_path / package.tarball))
    folder = dataset._unpack(pinned, tmp_path)
    assert (folder / "a.txt").read_bytes() == b"a"


def test_another_tarball_is_refused(tmp_path: Path) -> None:
    package = Package("@scope/pictures", "1.0.0", "0" * 64)
    _write_tarball(tmp_path / package.tarball, "package/a.txt", b"a")
    with pytest.raises(PackageDamaged, match=r"@scope/pictures 1\.0\.0 has the sha256"):
        dataset._unpack(package, tmp_path)
    assert not (tmp_path / "scope-pictures-1.0.0" / "package").exists()


def test_nouns_are_drawable_named_once_and_not_held_out(tmp_path: Path) -> None:
    entries = [
        _entry("cat face", "1F431", 3),
        _entry("cat", "1F408", 3),
        _entry("moose", "1FACE", 3),
        _entry("computer mouse", "1F5B1-FE0F", 7),
        _entry("mount fuji", "1F5FB", 5),
        _entry("one o’clock", "1F550", 5),
        _entry("flag: France", "1F1EB", 9),
        _entry("no picture here", "1F000", 3),
    ]
    words = tmp_path / "data.json"
    words.write_text(json.dumps(entries))
    for entry in entries[:-1]:
        Image.new("RGBA", (8, 8)).save(tmp_path / f"{str(entry['hexcode']).lower()}.webp")
    nouns = {noun.name: (noun.picture, noun.tier) for noun in load_nouns(tmp_path, words)}
    assert nouns == {
        "cat": ("1f431", 0),
        "whole cat": ("1f408", 2),
        "moose": ("1face", 2),
        "computer mouse": ("1f5b1-fe0f", 2),
    }


def test_sprites_are_scaled_to_the_asked_size(tmp_path: Path) -> None:
    Image.new("RGBA", (256, 256), (1, 2, 3, 255)).save(tmp_path / "1f98a.webp")
    shelf = SpriteShelf([dataset.Noun("fox", "1f98a", 0)], tmp_path)
    assert shelf.read("fox", 40).size == (40, 40)
