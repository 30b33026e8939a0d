"""The process that writes an export: its file, its mail, and what happens when it dies or there is no room."""

import errno
import threading
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import ClassVar
from zipfile import ZipFile

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from generation import export_worker, exports
from generation.models import Export
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.generation.test_expiry_mail import AwayBackend

pytestmark = pytest.mark.django_db

_AWAY = f"{AwayBackend.__module__}.AwayBackend"


class FullDisk(FileSystemStorage):
    """A disk without room."""

    def _save(self, name: str, content: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")


class SlowDisk(FileSystemStorage):
    """A disk to which the way is long; says what was due when a file had arrived."""

    due: ClassVar[list[list[uuid.UUID]]] = []

    def _save(self, name: str, content: object) -> str:
        time.sleep(2 * exports.LEASE.total_seconds())
        self.due.append(exports.due(timezone.now()))
        return str(super()._save(name, content))  # type: ignore[misc]  # the stubs leave it out


def test_the_file_lies_in_the_storage_and_its_person_is_told(settings: LazySettings) -> None:
    user = make_person("ada@example.com")
    draw(user)
    export = exports.order(user)

    assert export_worker.write(export.pk)

    export.refresh_from_db()
    assert export.is_ready
    assert (export.pictures, export.pictures_done) == (1, 1)
    with default_storage.open(export.file) as file:
        assert len([name for name in ZipFile(file).namelist() if name.startswith("pictures/")]) == 1
    assert export.size_bytes == default_storage.size(export.file)
    sent = mail.outbox[-1]
    assert sent.to == ["ada@example.com"]
    assert f"{settings.SITE_URL}/settings/your-data/" in sent.body
    assert not list(Path(settings.SCRATCH_DIR).glob("export-*"))


def test_an_export_that_another_process_has_is_left_alone() -> None:
    export = exports.order(make_person())
    assert exports.claim(export.pk) is not None

    assert not export_worker.write(export.pk)


def test_one_that_is_canceled_while_it_is_written_leaves_no_file(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_person()
    draw(user)
    export = exports.order(user)
    finish = exports.finish

    def cancel_first(*args: object, **facts: object) -> None:
        exports.cancel(user)
        finish(*args, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(exports, "finish", cancel_first)

    assert not export_worker.write(export.pk)

    assert not list((Path(settings.MEDIA_ROOT) / "exports").rglob(f"*{export.pk.hex}*/*/*.zip"))
    assert mail.outbox == []


def test_without_room_it_fails_and_says_so(settings: LazySettings) -> None:
    export = exports.order(make_person())
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": f"{__name__}.FullDisk"}}

    assert not export_worker.write(export.pk)

    export.refresh_from_db()
    assert export.status == Export.Status.FAILED
    assert "no room" in export.failure_reason


@pytest.mark.django_db(transaction=True)
def test_nobody_begins_it_anew_while_it_is_handed_over(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "LEASE", timedelta(seconds=1.5))
    monkeypatch.setattr(SlowDisk, "due", [])
    options = {"location": settings.MEDIA_ROOT}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": f"{__name__}.SlowDisk", "OPTIONS": options},
    }
    export = exports.order(make_person())

    assert export_worker.write(export.pk)

    export.refresh_from_db()
    assert (SlowDisk.due, export.is_ready, export.attempt) == ([[]], True, 1)
    assert "lease" not in {thread.name for thread in threading.enumerate()}


def test_a_mail_server_that_is_away_does_no_harm(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = _AWAY
    export = exports.order(make_person())

    assert export_worker.write(export.pk)

    export.refresh_from_db()
    assert export.is_ready


def test_no_more_processes_are_begun_than_there_is_room_for() -> None:
    for number in range(export_worker.AT_ONCE_MAX):
        exports.claim(exports.order(make_person(f"person{number}@example.com")).pk)
    exports.order(make_person("late@example.com"))

    assert export_worker.begin_due() == 0
