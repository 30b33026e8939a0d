from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone
from django_q.models import OrmQ

from billing.errors import InsufficientCredits
from billing.models import LedgerEntry
from generation import lifecycle
from generation.errors import JobEnded, ModelUnavailable, QueueFull
from generation.models import Image, Job
from generation.params import parse_text_to_image
from tests.generation.runs import balance, claim, finished, hold_of, make_person, pictures, submit

pytestmark = pytest.mark.django_db

Status = Job.Status


def lose(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


# --- submit ------------------------------------------------------------------------------------------


def test_submit_sets_the_price_aside_and_rings() -> None:
    user = make_person(credits=10)

    job = submit(user, num_images=4)

    assert (job.status, job.credits) == (Status.NEW, 4)
    assert balance(user) == 6
    assert OrmQ.objects.filter(key="gpu").count() == 1


def test_what_is_set_aside_says_with_what_it_is_made() -> None:
    job = submit(make_person())
    assert (hold_of(job).tool, hold_of(job).reference) == ("text-to-image", job.reference)


def test_the_same_form_twice_makes_one_run_and_one_charge() -> None:
    user = make_person(credits=10)

    first, second = submit(user, key="form", num_images=4), submit(user, key="form", num_images=4)

    assert first == second
    assert balance(user) == 6


def test_the_same_form_with_other_settings_is_another_run() -> None:
    user = make_person(credits=10)

    first, second = submit(user, key="form", num_images=4), submit(user, key="form", num_images=2)

    assert first != second
    assert balance(user) == 4


def test_two_people_may_send_the_same_key() -> None:
    ada, bob = make_person(), make_person("bob@example.com")

    assert submit(ada, key="form") != submit(bob, key="form")


def test_too_few_credits_make_no_run() -> None:
    user = make_person(credits=3)

    with pytest.raises(InsufficientCredits) as caught:
        submit(user, num_images=4)

    assert (caught.value.required, caught.value.available) == (4, 3)
    assert balance(user) == 3
    assert not Job.objects.exists()
    assert not OrmQ.objects.exists()


def test_more_waiting_runs_than_allowed_are_refused(settings: LazySettings) -> None:
    settings.JOBS_WAITING_MAX = 2
    user = make_person()
    submit(user)
    submit(user)

    with pytest.raises(QueueFull, match="2 runs waiting"):
        submit(user)

    assert balance(user) == 98


def test_a_model_that_went_away_is_refused_uncharged(settings: LazySettings) -> None:
    user = make_person()
    params = parse_text_to_image({"prompt": "a red fox"})
    gone = type(params)(**{**params.as_dict(), "model": "stable-diffusion-xl"})

    with pytest.raises(ModelUnavailable):
        lifecycle.submit(user, gone, key="form")

    assert balance(user) == 100


def test_a_random_seed_is_drawn_once_so_that_a_retry_draws_the_same() -> None:
    job = submit(make_person())

    assert isinstance(job.params["seed"], int)


# --- finish, deliver, fail ------------------------------------------------------------------------------


def test_finish_charges_what_arrived() -> None:
    user = make_person(credits=10)
    job = finished(user, num_images=4)

    assert (job.status, job.images_stored, job.credits_charged) == (Status.FINISHED, 4, 4)
    assert balance(user) == 6


def test_a_part_is_charged_and_the_rest_given_back_with_the_reason() -> None:
    user = make_person(credits=10)
    submit(user, num_images=4, steps=50)
    job = claim().jobs[0]
    lifecycle.deliver(job, 1, pictures(job, 0, 1))

    lifecycle.fail(job, 1, code="crashed", message="The drawing stopped.")

    job.refresh_from_db()
    assert (job.status, job.images_stored, job.error_code) == (Status.FINISHED, 2, "crashed")
    assert balance(user) == 6
    line = LedgerEntry.objects.get(kind="release")
    assert (line.delta, line.reference) == (4, f"job:{job.pk}")
    assert "The drawing stopped." in line.reason


def test_a_run_without_pictures_fails_and_is_free() -> None:
    user = make_person(credits=10)
    submit(user, num_images=4)
    job = claim().jobs[0]

    lifecycle.fail(job, 1, code="model_damaged", message="The model's files are damaged.")

    job.refresh_from_db()
    assert (job.status, job.error_message) == (Status.FAILED, "The model's files are damaged.")
    assert balance(user) == 10
    tasks = [ring.task for ring in OrmQ.objects.filter(key="default")]
    assert ("generation.tasks.warn_of_damaged_model", (str(job.pk),)) in [(one["func"], one["args"]) for one in tasks]


@pytest.mark.parametrize("verb", ["finish", "deliver", "fail", "retry"])
def test_an_attempt_that_was_replaced_changes_nothing(verb: str) -> None:
    user = make_person(credits=10)
    submit(user)
    slow = claim("slow").jobs[0]
    lose(slow)
    lifecycle.reap()
    current = claim("quick").jobs[0]
    calls = {
        "finish": lambda: lifecycle.finish(slow, slow.attempt, pictures(slow, 0)),
        "deliver": lambda: lifecycle.deliver(slow, slow.attempt, pictures(slow, 0)),
        "fail": lambda: lifecycle.fail(slow, slow.attempt, code="x", message="x"),
        "retry": lambda: lifecycle.retry(slow, slow.attempt, code="x", message="x"),
    }

    with pytest.raises(JobEnded):
        calls[verb]()

    current.refresh_from_db()
    assert (current.status, current.attempt, current.images_stored) == (Status.PROCESSING, 2, 0)
    assert not Image.objects.exists()
    assert balance(user) == 9


def test_finish_twice_charges_once() -> None:
    user = make_person(credits=10)
    job = finished(user)

    with pytest.raises(JobEnded):
        lifecycle.finish(job, 1, [])

    assert balance(user) == 9


# --- retry, reap, abandon -----------------------------------------------------------------------------------


def test_a_lost_run_is_tried_again_and_fails_after_the_last_attempt(settings: LazySettings) -> None:
    settings.JOB_MAX_ATTEMPTS = 3
    user = make_person(credits=10)
    job = submit(user)
    for _ in range(2):
        claim()
        lose(job)
        assert [found.pk for found in lifecycle.reap()] == [job.pk]
    claim()
    lose(job)

    assert lifecycle.reap() == []

    job.refresh_from_db()
    assert (job.status, job.error_code, job.attempt) == (Status.FAILED, "worker_lost", 3)
    assert balance(user) == 10


def test_a_renewed_lease_keeps_the_run() -> None:
    job = submit(make_person())
    taken = claim()
    lose(job)

    lifecycle.renew("w1", [job.pk])

    assert lifecycle.reap() == []
    assert lifecycle.ended(taken, [job.pk]) == set()


def test_another_worker_cannot_renew_the_lease() -> None:
    job = submit(make_person())
    claim("w1")
    lose(job)

    lifecycle.renew("w2", [job.pk])

    assert len(lifecycle.reap()) == 1


def test_what_a_dead_cluster_held_is_brought_back_at_once() -> None:
    user = make_person()
    submit(user)
    claim("host:gpu:1:77")
    submit(user, prompt="an owl")
    claim("host:gpu:2:78")

    assert len(lifecycle.abandon("host:gpu:1")) == 1
    assert Job.objects.filter(status=Status.PROCESSING).count() == 1


# --- cancel ------------------------------------------------------------------------------------------------------


def test_cancel_in_the_queue_gives_everything_back() -> None:
    user = make_person(credits=10)
    job = submit(user, num_images=4)

    assert lifecycle.cancel(job)

    job.refresh_from_db()
    assert job.status == Status.CANCELED
    assert balance(user) == 10
    assert lifecycle.claim("w1") is None


def test_cancel_while_running_keeps_and_charges_what_was_stored() -> None:
    user = make_person(credits=10)
    submit(user, num_images=4)
    taken = claim()
    job = taken.jobs[0]
    lifecycle.deliver(job, 1, pictures(job, 0))

    assert lifecycle.cancel(job)

    assert balance(user) == 9
    assert lifecycle.ended(taken, [job.pk]) == {job.pk}
    with pytest.raises(JobEnded):
        lifecycle.finish(job, 1, pictures(job, 1, 2, 3))
    assert balance(user) == 9


def test_cancel_of_an_ended_run_changes_nothing() -> None:
    user = make_person(credits=10)
    job = finished(user)

    assert not lifecycle.cancel(job)

    assert balance(user) == 9
