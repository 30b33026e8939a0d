"""Damaged or missing weights are named, with the checksum that was expected."""

from pathlib import Path

import pytest

from generation.checksums import DamagedWeights, hash_file, verify_checksums, write_checksums


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files and their checksums."""
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "weights.safetensors").write_bytes(b"weights")
    (tmp_path / "model_index.json").write_text("{}")
    write_checksums(tmp_path)
    return tmp_path


def test_whole_folder_passes(folder: Path) -> None:
    verify_checksums(folder)


def test_changed_byte_is_found_and_named(folder: Path) -> None:
    path = folder / "unet" / "weights.safetensors"
    expected = hash_file(path)
    path.write_bytes(b"Weights")
    with pytest.raises(DamagedWeights) as caught:
        verify_checksums(folder)
    assert caught.value.path == path
    assert caught.value.expected == expected
    assert caught.value.found == hash_file(path)
    assert expected in str(caught.value)
    assert "weights.safetensors" in str(caught.value)


def test_missing_file_is_named(folder: Path) -> None:
    (folder / "model_index.json").unlink()
    with pytest.raises(DamagedWeights, match=r"model_index\.json is missing"):
        verify_checksums(folder)


def test_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(DamagedWeights, match=r"checksums\.json is missing"):
        verify_checksums(tmp_path)


def test_unreadable_list_is_named(folder: Path) -> None:
    (folder / "checksums.json").write_text("{")
    with pytest.raises(DamagedWeights, match=r"checksums\.json"):
        verify_checksums(folder)
