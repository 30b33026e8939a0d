"""Files that are only looked at: read once, never kept."""

import hashlib
import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from generation.upload_digest import UploadDigest


def upload(*files: SimpleUploadedFile) -> HttpRequest:
    return RequestFactory().post("/", {"file": list(files), "text": "words"})


def read(request: HttpRequest, *, max_bytes: int = 10_000_000, keep_bytes: int = 100) -> UploadDigest:
    digest = UploadDigest(max_bytes=max_bytes, keep_bytes=keep_bytes)
    request.upload_handlers = [digest]
    assert request.POST["text"] == "words"
    assert not request.FILES
    return digest


def test_a_file_becomes_its_checksum_and_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    content = bytes(range(256)) * 20_000  # larger than Django keeps in memory

    digest = read(upload(SimpleUploadedFile("fox.png", content)))

    assert (digest.has_file, digest.size_bytes, digest.is_too_large) == (True, len(content), False)
    assert digest.sha256 == hashlib.sha256(content).hexdigest()
    assert digest.content == b""
    assert list(tmp_path.iterdir()) == []


def test_a_small_file_can_be_read() -> None:
    assert read(upload(SimpleUploadedFile("a.json", b"{}"))).content == b"{}"


def test_a_file_that_is_too_long_is_read_to_its_end_and_not_looked_at() -> None:
    digest = read(upload(SimpleUploadedFile("fox.png", b"x" * 300_000)), max_bytes=200_000)

    assert (digest.is_too_large, digest.size_bytes) == (True, 300_000)


def test_of_two_files_the_first_counts() -> None:
    digest = read(upload(SimpleUploadedFile("a.json", b"{}"), SimpleUploadedFile("b.json", b"[]")))

    assert (digest.content, digest.sha256) == (b"{}", hashlib.sha256(b"{}").hexdigest())


def test_a_form_without_a_file_has_none() -> None:
    assert not read(upload()).has_file
