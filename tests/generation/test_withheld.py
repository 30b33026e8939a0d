"""Pictures that are held back: out of reach, uncharged, and whole again when they are released."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings
from django.conf import settings as site
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing.models import LedgerEntry
from generation import moderation_queue, withheld
from generation.models import Image, Job, ModerationCase, SearchText
from generation.storing import Run, Storekeeper
from tests.generation.pictures import pixels
from tests.generation.runs import balance, claim, make_person, submit

pytestmark = pytest.mark.django_db(transaction=True)


def drawn(user: User, scores: list[dict[str, float]]) -> Job:
    """Return a run of so many pictures, stored as the worker stores what the engine's checker gave these scores."""
    submit(user, prompt="a red fox", num_images=len(scores))
    job = claim().jobs[0]
    store(job, scores)
    job.refresh_from_db()
    return job


def store(job: Job, scores: list[dict[str, float]]) -> None:
    scratch = Path(site.SCRATCH_DIR) / job.pk.hex / str(job.attempt)
    scratch.mkdir(parents=True)
    run = Run(job, job.attempt, scratch, set(range(len(scores))))
    keeper = Storekeeper()
    for index, seen in enumerate(scores):
        np.save(scratch / f"{index}.npy", pixels(index))
        keeper._store(run, index, scratch / f"{index}.npy", seen)


def operator() -> User:
    return User.objects.create_superuser("operator@example.com", "correct horse battery")


def test_a_run_of_which_one_is_held_back_brings_and_charges_the_others() -> None:
    user = make_person()
    job = drawn(user, [{"sexual": 0.1}, {"sexual": 0.93}, {}])

    case = ModerationCase.objects.get()
    assert (job.status, job.images_stored, job.error_code) == ("FINISHED", 2, "blocked")
    assert "1 picture was held back" in job.error_message
    assert balance(user) == 98
    assert "held back by the content policy" in LedgerEntry.objects.get(kind="release").reason
    assert (case.kind, case.category, case.score, case.is_waiting) == ("result", "sexual", 0.93, True)
    assert all(default_storage.exists(key) for key in withheld.files_of(case.withheld))
    assert sorted(Image.objects.values_list("index", flat=True)) == [0, 2]


def test_a_run_of_which_all_are_held_back_is_free_and_says_why(client: Client) -> None:
    user = make_person()
    job = drawn(user, [{"sexual": 0.93}, {"minors": 0.5, "sexual": 0.9}])

    assert (job.status, job.error_code) == ("FAILED", "blocked")
    assert balance(user) == 100
    client.force_login(user)
    page = client.get(f"/create/runs/{job.pk}/").content.decode()
    assert "Held back by the content policy" in page
    assert "/settings/refusals/" in page
    keys = [key for case in ModerationCase.objects.all() for key in withheld.files_of(case.withheld)]
    assert not any(key in page or key in client.get("/library/").content.decode() for key in keys)


def test_an_allowed_picture_comes_into_the_library_free_and_whole() -> None:
    user = make_person()
    job = drawn(user, [{"sexual": 0.93}])
    case = ModerationCase.objects.get()
    facts = case.withheld

    moderation_queue.appeal(case, "It is a peach, look again.")
    moderation_queue.decide(case, operator(), allows=True, reason="A peach.")

    image = Image.objects.visible_to(user).get()
    assert (str(image.pk), image.sha256, image.seed) == (facts["id"], facts["sha256"], job.params["seed"])
    assert SearchText.objects.filter(image=image).exists()
    assert balance(user) == 100
    case.refresh_from_db()
    assert case.withheld == {}
    assert case.image == image


def test_a_run_that_is_tried_again_leaves_one_case_and_no_stray_file() -> None:
    user = make_person()
    submit(user, num_images=1)
    job = claim().jobs[0]
    for attempt in (1, 2):
        Job.objects.filter(pk=job.pk).update(status="PROCESSING", attempt=attempt, finished_at=None)
        job.attempt = attempt
        run = Run(job, attempt, Path(site.SCRATCH_DIR) / job.pk.hex / str(attempt), {0, 1})
        run.scratch.mkdir(parents=True)
        np.save(run.scratch / "0.npy", pixels())
        Storekeeper()._store(run, 0, run.scratch / "0.npy", {"sexual": 0.9})

    case = ModerationCase.objects.get()
    assert all(default_storage.exists(key) for key in withheld.files_of(case.withheld))


def test_files_go_after_their_time_and_with_the_account(settings: LazySettings) -> None:
    user = make_person()
    drawn(user, [{"sexual": 0.93}, {"sexual": 0.94}])
    first, second = ModerationCase.objects.order_by("id")
    old = timezone.now() - timedelta(days=settings.MODERATION_KEEP_DAYS + 1)
    ModerationCase.objects.filter(pk=first.pk).update(last_at=old)

    assert moderation_queue.forget_old() == 1
    assert not any(default_storage.exists(key) for key in withheld.files_of(first.withheld))
    assert all(default_storage.exists(key) for key in withheld.files_of(second.withheld))
    moderation_queue.forget_person(user)
    assert not any(default_storage.exists(key) for key in withheld.files_of(second.withheld))
