"""What is over lies on the disk no longer, though nobody asks for it."""

import time
from pathlib import Path

import pytest
from django.core.cache import cache, caches
from pytest_django import Settings

from accounts import file_cache


def test_what_is_over_is_removed_and_the_rest_stays(settings: Settings, tmp_path: Path) -> None:
    backend = "accounts.file_cache.TidyFileCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": tmp_path}}
    caches["default"].set("name", "Ada", timeout=0.001)
    caches["default"].set("kept", 1, timeout=60)
    time.sleep(0.01)

    assert file_cache.remove_expired() == 1

    assert len(list(tmp_path.iterdir())) == 1
    assert cache.get("kept") == 1


def test_another_cache_sees_to_itself(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

    assert file_cache.remove_expired() == 0


def test_there_are_never_many_more_than_allowed_and_they_are_not_counted_at_each_write(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = "accounts.file_cache.TidyFileCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": tmp_path, "OPTIONS": {"MAX_ENTRIES": 6}}}
    monkeypatch.setattr(file_cache.TidyFileCache, "_counted_at", time.monotonic())
    for number in range(9):
        cache.set(f"key-{number}", number)
    assert len(list(tmp_path.iterdir())) == 9

    monkeypatch.setattr(file_cache.TidyFileCache, "_counted_at", time.monotonic() - 11)
    cache.set("key-9", 9)

    assert len(list(tmp_path.iterdir())) == 7
