import importlib.util
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from accounts.ids import uuid7
from accounts.models import User
from generation import lifecycle, moderation, moderation_queue, params, storage, uploads
from generation.errors import PictureRefused
from generation.models import JobInput, ModerationCase, Upload
from tests.generation.runs import make_person
from tests.generation.uploads import brought, photograph, png_of

pytestmark = pytest.mark.django_db


def test_files_and_facts_are_kept() -> None:
    upload = brought(make_person(), 400, 300)

    assert (upload.width, upload.height, upload.is_transparent) == (400, 300, False)
    assert all(default_storage.exists(key) for key in upload.files)
    assert upload.placeholder
    assert upload.size_bytes > default_storage.size(upload.file)


def test_bringing_it_again_keeps_it_longer_and_after_a_deletion_anew() -> None:
    user = make_person()
    upload = brought(user)
    Upload.objects.update(used_at=timezone.now() - timedelta(days=50))
    again = uploads.keep(user, png_of(photograph()))
    assert (again.upload.pk, again.is_new) == (upload.pk, False)
    assert timezone.now() - again.upload.used_at < timedelta(minutes=1)
    uploads.delete(upload)
    assert uploads.keep(user, png_of(photograph())).is_new


def test_what_is_taken_back_stays_where_it_was_used_again_meanwhile() -> None:
    user = make_person()
    first, other = brought(user), brought(user, seed=2)
    again = brought(user)
    for upload in (first, other):
        uploads.take_back(upload)
    assert list(Upload.objects.visible_to(user)) == [again]


def test_the_quota_counts_what_is_kept(settings: Settings) -> None:
    user = make_person()
    first = brought(user)
    settings.UPLOAD_QUOTA_BYTES = first.size_bytes + 100
    with pytest.raises(PictureRefused, match="no room"):
        brought(user, seed=2)
    uploads.delete(first)
    assert brought(user, seed=2) in user.uploads.all()


def test_the_same_picture_twice_at_once_takes_the_room_of_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_person()

    def made_late() -> uuid.UUID:
        monkeypatch.setattr(uploads, "uuid7", uuid7)
        settings.UPLOAD_QUOTA_BYTES = brought(user).size_bytes + 100  # the other is faster
        return uuid7()

    monkeypatch.setattr(uploads, "uuid7", made_late)
    before = files_kept(settings)

    kept = uploads.keep(user, png_of(photograph()))

    assert (kept.upload, kept.is_new) == (user.uploads.get(), False)
    assert files_kept(settings) - before == len(kept.upload.files)


def files_kept(settings: Settings) -> int:
    return sum(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*"))


def test_what_was_deleted_or_not_used_for_long_goes_with_its_files(settings: Settings) -> None:
    user = make_person()
    kept, old, deleted = brought(user), brought(user, seed=2), brought(user, seed=3)
    before = timezone.now() - timedelta(days=settings.UPLOAD_RETENTION_DAYS, minutes=1)
    Upload.objects.filter(pk=old.pk).update(used_at=before)
    uploads.delete(deleted)

    assert uploads.purge() == 2
    assert uploads.purge() == 0
    assert list(Upload.objects.all()) == [kept]
    assert not any(default_storage.exists(key) for key in (*old.files, *deleted.files))


def test_what_is_used_again_while_others_are_removed_stays(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_person()
    both = {brought(user).pk, brought(user, seed=2).pk}
    Upload.objects.update(used_at=timezone.now() - timedelta(days=settings.UPLOAD_RETENTION_DAYS, minutes=1))
    delete = storage.delete

    def deleted_slowly(*names: str) -> None:
        delete(*names)
        Upload.objects.visible_to(user).filter(pk__in=both).update(used_at=timezone.now())

    monkeypatch.setattr(storage, "delete", deleted_slowly)

    assert uploads.purge() == 1

    (kept,) = Upload.objects.all()
    assert all(default_storage.exists(key) for key in kept.files)


def test_what_a_waiting_run_begins_from_stays_and_then_leaves_a_stub() -> None:
    user = make_person()
    upload = brought(user)
    wanted = params.parse("upscale", {"image": upload.reference}, user)
    job = lifecycle.submit(user, wanted, key="k")
    uploads.delete(upload)

    assert uploads.purge() == 0
    lifecycle.cancel(job)
    assert uploads.purge() == 1
    stub = JobInput.objects.get(job=job)
    assert (stub.upload, stub.source_id, stub.width, stub.height) == (None, upload.pk, 160, 120)
    assert stub.placeholder == upload.placeholder


@pytest.mark.skipif(importlib.util.find_spec("nudenet") is None, reason="the extra “moderation”")
def test_what_a_classifier_objects_to_is_not_kept_until_an_operator_allows_it(settings: Settings) -> None:
    settings.MODERATION_IMAGES = "nudenet"
    user = make_person()
    kept = uploads.keep(user, png_of(photograph()))  # harmless
    assert kept.is_new

    sha256 = kept.upload.sha256
    words = moderation.refuse_picture(user, sha256, "sexual", 0.9)
    assert "saw explicit sexual content in this one" in words
    case = ModerationCase.objects.get()
    operator = User.objects.create_superuser("operator@example.com", "correct horse battery")
    moderation_queue.decide(case, operator, allows=True, reason="A peach.")
    assert moderation.refuse_picture(user, sha256, "sexual", 0.9) == ""
    assert moderation.refuse_picture(make_person("bob@example.com"), sha256, "sexual", 0.9)
