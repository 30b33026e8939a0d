"""What is removed when nobody needs it any more, and what is not."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from generation import diffusions, gallery, housekeeping, lifecycle, retention, storage, verification
from generation.models import Image, Job, SearchText, Tag
from tests.generation.api.calling import PROMPT, make_program
from tests.generation.pictures import put_on
from tests.generation.runs import balance, claim, finished, make_person, pictures, submit

HOUR_SECONDS = 3600


def deleted_picture(days_ago: float) -> Image:
    """Make a picture with files that its owner deleted so long ago."""
    person = make_person(f"person{Job.objects.count()}@example.com", credits=10)
    submit(person)
    job = claim().jobs[0]
    picture = pictures(job, 0)[0]
    lifecycle.finish(job, job.attempt, [picture])
    for key in picture.files:
        default_storage.save(key, ContentFile(b"a picture"))
    Image.objects.filter(pk=picture.pk).update(deleted_at=timezone.now() - timedelta(days=days_ago))
    return picture


def has_files(picture: Image) -> bool:
    there = {default_storage.exists(key) for key in picture.files}
    assert len(there) == 1
    return there.pop()


def unpurged() -> list[Image]:
    return list(Image.objects.filter(purged_at__isnull=True))


# --- Deleted pictures ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_picture_is_purged_with_its_files_when_it_cannot_be_brought_back_any_more() -> None:
    old, young = deleted_picture(days_ago=30.01), deleted_picture(days_ago=29.99)

    assert housekeeping.purge_deleted() == 1

    assert unpurged() == [young]
    assert (has_files(old), has_files(young)) == (False, True)


@pytest.mark.django_db
def test_a_picture_that_nobody_deleted_stays() -> None:
    picture = deleted_picture(days_ago=99)
    Image.objects.update(deleted_at=None)

    assert housekeeping.purge_deleted() == 0
    assert has_files(picture)


@pytest.mark.django_db
def test_a_picture_whose_files_are_gone_already_is_purged() -> None:
    picture = deleted_picture(days_ago=31)
    default_storage.delete(picture.file)

    assert housekeeping.purge_deleted() == 1
    assert unpurged() == []


@pytest.mark.django_db
def test_a_purge_takes_no_more_than_its_limit_and_the_next_one_goes_on() -> None:
    for _ in range(3):
        deleted_picture(days_ago=31)

    assert [housekeeping.purge_deleted(limit=2) for _ in range(3)] == [2, 1, 0]


@pytest.mark.django_db
def test_what_is_brought_back_while_others_are_purged_keeps_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = deleted_picture(days_ago=32), deleted_picture(days_ago=31)
    delete = storage.delete_files_of

    def deleted_slowly(image: Image) -> None:
        delete(image)
        gallery.restore(second if image.pk == first.pk else first)

    monkeypatch.setattr(storage, "delete_files_of", deleted_slowly)

    assert housekeeping.purge_deleted() == 1

    (kept,) = unpurged()
    assert kept.deleted_at is None
    assert has_files(kept)


@pytest.mark.django_db
def test_a_purge_leaves_the_run_and_its_charge_in_the_books() -> None:
    picture = deleted_picture(days_ago=31)

    housekeeping.purge_deleted()

    job = Job.objects.get(pk=picture.job_id)
    assert (job.status, job.images_stored) == (Job.Status.FINISHED, 1)
    assert balance(job.user) == 9


@pytest.mark.django_db
def test_of_a_purged_picture_its_licence_stays_and_nothing_else() -> None:
    picture = deleted_picture(days_ago=31)
    picture.tags.add(Tag.objects.create(user=picture.user, name="fox"))
    Image.objects.filter(pk=picture.pk).update(words=["a secret fox", ""], alt_text="A secret")
    before = verification.of_checksum(picture.sha256)

    housekeeping.purge_deleted()

    assert verification.of_checksum(picture.sha256) == before
    assert before.verdict == verification.Verdict.KNOWN
    left = Image.objects.get(pk=picture.pk)
    assert (left.words, left.alt_text, left.placeholder, left.file) == ([], "", "", "")
    assert not left.tags.exists()
    assert not SearchText.objects.exists()
    gallery.restore(left)
    assert not Image.objects.visible_to(picture.user).exists()


# --- Pictures that a plan keeps for a time ---------------------------------------------------------------


def old_picture(user: User, days_ago: float) -> Image:
    image = finished(user, num_images=1).images.get()
    Image.objects.filter(pk=image.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    return image


def in_trash() -> set[Image]:
    return set(Image.objects.filter(deleted_at__isnull=False))


@pytest.mark.django_db
@pytest.mark.parametrize("chunk", [1, 2, 1000])
def test_old_pictures_of_the_free_plan_go_to_the_trash(chunk: int) -> None:
    free, paid = make_person(), make_person("bob@example.com")
    for user, plan in ((free, "free"), (paid, "pro")):
        put_on(user, plan)
        user.wallets.update(plan_since=None)
    old = {old_picture(free, days) for days in (91, 100, 400)}
    young, bought = old_picture(free, 89), old_picture(paid, 400)

    assert housekeeping.retire_old(chunk=chunk) == 3

    assert in_trash() == old
    assert set(Image.objects.visible_to(free)) == {young}
    assert set(Image.objects.visible_to(paid)) == {bought}
    assert housekeeping.retire_old(chunk=chunk) == 0


@pytest.mark.django_db
def test_a_plan_that_lapses_keeps_pictures_as_promised_and_then_they_go() -> None:
    with time_machine.travel("2027-01-01T12:00Z", tick=False) as clock:
        user = make_person()
        put_on(user, "pro")
        old_picture(user, 500)
        put_on(user, "free")  # the Pro plan keeps pictures for 180 days after its end

        clock.move_to("2027-06-30T11:59Z")
        assert housekeeping.retire_old() == 0
        clock.move_to("2027-06-30T12:00Z")
        assert housekeeping.retire_old() == 1
        clock.move_to("2027-07-30T12:01Z")
        assert housekeeping.purge_deleted() == 1

    assert unpurged() == []


@pytest.mark.django_db
def test_who_takes_a_plan_in_time_loses_nothing() -> None:
    user = make_person()
    put_on(user, "free")
    user.wallets.update(plan_since=None)
    old_picture(user, 400)

    put_on(user, "starter")

    assert housekeeping.retire_old() == 0


# --- Scratch ---------------------------------------------------------------------------------------------


@pytest.fixture
def scratch(settings: LazySettings, tmp_path: Path) -> Path:
    """Return a scratch folder that is this test's own."""
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.SCRATCH_DIR.mkdir()
    return Path(settings.SCRATCH_DIR)


def left_behind(scratch: Path, name: str, hours_ago: float) -> Path:
    folder = scratch / name
    (folder / "1").mkdir(parents=True)
    (folder / "1" / "0.npy").touch()
    then = time.time() - hours_ago * HOUR_SECONDS
    os.utime(folder, (then, then))
    return folder


def test_what_dead_attempts_left_is_removed_after_a_day(scratch: Path) -> None:
    old, young = left_behind(scratch, "old", 24.1), left_behind(scratch, "young", 23.9)

    assert housekeeping.remove_old_scratch() == 1

    assert (old.exists(), young.exists()) == (False, True)


def test_a_link_that_leads_nowhere_holds_nothing_up(scratch: Path) -> None:
    """A folder can go between the look and the next; a dangling link is such a folder that stays."""
    (scratch / "gone").symlink_to(scratch / "nowhere")
    left_behind(scratch, "old", 25)

    assert housekeeping.remove_old_scratch() == 1


def test_an_empty_scratch_folder_is_fine(scratch: Path) -> None:
    assert housekeeping.remove_old_scratch() == 0


# --- The API's pictures --------------------------------------------------------------------------------


def api_picture(days_ago: float) -> Image:
    """Make a picture with files that the API brought so long ago."""
    make_program().post("diffusions", PROMPT)
    job = claim().jobs[0]
    picture = pictures(job, 0)[0]
    lifecycle.finish(job, job.attempt, [picture])
    for key in picture.files:
        default_storage.save(key, ContentFile(b"a picture"))
    Job.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(days=days_ago))
    return picture


@pytest.mark.django_db
def test_the_apis_pictures_live_as_long_as_is_promised(settings: LazySettings) -> None:
    settings.API_RETENTION_DAYS = 30
    old, young = api_picture(days_ago=30.01), api_picture(days_ago=29.99)

    assert housekeeping.purge_api_pictures() == 1

    assert unpurged() == [young]
    assert (has_files(old), has_files(young)) == (False, True)


@pytest.mark.django_db
def test_however_many_of_the_apis_pictures_are_over_all_go_or_as_many_as_time_allows() -> None:
    for _ in range(3):
        api_picture(days_ago=31)

    assert housekeeping.purge_api_pictures(seconds=0.0) == 0
    assert housekeeping.purge_api_pictures(chunk=1) == 3


@pytest.mark.django_db
def test_a_picture_that_was_deleted_through_the_api_goes_at_once() -> None:
    picture = api_picture(days_ago=0)
    diffusions.delete(picture.job)

    assert housekeeping.purge_api_pictures() == 1

    assert not has_files(picture)


@pytest.mark.django_db
def test_a_picture_of_the_api_that_was_deleted_in_the_library_can_be_brought_back() -> None:
    picture = api_picture(days_ago=0)
    gallery.delete(picture)

    assert housekeeping.purge_api_pictures() == 0
    gallery.restore(picture)

    assert has_files(picture)
    assert Image.objects.visible_to(picture.user).exists()


@pytest.mark.django_db
def test_the_trash_says_of_each_picture_when_it_goes_and_then_it_does(settings: LazySettings) -> None:
    settings.API_RETENTION_DAYS = 30
    with time_machine.travel("2027-01-01T12:00Z", tick=False) as clock:
        old, young, site = api_picture(days_ago=0), api_picture(days_ago=0), deleted_picture(days_ago=0)
        clock.move_to("2027-01-26T12:00Z")
        gallery.delete(old)
        trash = Image.objects.select_related("job").exclude(deleted_at=None)
        until = {image: retention.undo_until(image) for image in trash}
        assert until == {old: datetime(2027, 1, 31, 12, tzinfo=UTC), site: datetime(2027, 1, 31, 12, tzinfo=UTC)}

        settings.API_RETENTION_DAYS = 90
        assert retention.undo_until(trash.get(pk=old.pk)) == datetime(2027, 2, 25, 12, tzinfo=UTC)
        settings.API_RETENTION_DAYS = 30
        clock.move_to("2027-01-31T11:59Z")
        assert (housekeeping.purge_api_pictures(), housekeeping.purge_deleted()) == (0, 0)
        clock.move_to("2027-01-31T12:01Z")
        assert (housekeeping.purge_api_pictures(), housekeeping.purge_deleted()) == (2, 1)

    assert not has_files(young)


@pytest.mark.django_db
def test_what_a_program_deleted_is_in_nobodys_trash() -> None:
    picture = api_picture(days_ago=0)
    diffusions.delete(picture.job)

    gallery.restore(picture)

    assert not Image.objects.in_trash_of(picture.user).exists()
    assert not Image.objects.visible_to(picture.user).exists()


@pytest.mark.django_db
def test_the_sites_pictures_are_none_of_the_apis() -> None:
    deleted_picture(days_ago=1)

    assert housekeeping.purge_api_pictures() == 0
