"""Trainings and pictures never take each other's turn; nobody's second training comes before another's first."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from billing.models import LedgerEntry
from generation import custom_models, gallery, lifecycle, queue_line
from generation.errors import CustomModelGone, JobEnded
from generation.models import CustomModel, Job, QueueSwitch
from tests.generation.runs import balance, claim, hold_of, submit
from tests.generation.trained import lora_file
from tests.generation.trainees import CREDITS, fresh, make_trainee, model_of, ordered

pytestmark = pytest.mark.django_db

Status = Job.Status


def take(worker: str = "t1") -> Job:
    """Claim the training whose turn it is; there must be one."""
    found = lifecycle.claim_training(worker)
    assert found is not None
    return found.jobs[0]


def reason_of(job: Job) -> str:
    return LedgerEntry.objects.get(kind="release", hold=job.hold_id).reason


def test_pictures_and_trainings_have_queues_of_their_own() -> None:
    user = make_trainee()
    training, picture = ordered(user), submit(user)
    assert claim().jobs == (picture,)
    assert lifecycle.claim("w2") is None
    assert take() == training
    assert lifecycle.claim_training("t2") is None


def test_a_training_takes_no_place_of_the_plan_and_is_not_among_the_runs() -> None:
    user = make_trainee()
    job = ordered(user)
    take()
    assert fresh(job).slot is None
    assert gallery.recent_runs(user).jobs == []
    waiting = submit(user)
    assert queue_line.place_of(Job.objects.with_place().get(pk=waiting.pk)) == 1


def test_nobodys_second_training_comes_before_anothers_first() -> None:
    ada, bob = make_trainee(), make_trainee("bob@example.com")
    first = ordered(ada)
    second = ordered(ada, trigger_word="zwerg2")
    other = ordered(bob)
    assert [take(f"t{number}") for number in range(3)] == [first, other, second]


def test_an_interrupted_training_goes_on_before_others_begin() -> None:
    ada, bob = make_trainee(), make_trainee("bob@example.com")
    begun = ordered(ada)
    lifecycle.retry(take(), 1, code="crashed", message="It stopped.")
    ordered(bob)
    assert take() == begun


def test_attempts_that_brought_it_further_do_not_count(settings: LazySettings) -> None:
    settings.TRAINING_MAX_ATTEMPTS = 2
    job = ordered(make_trainee())
    for attempt in range(1, 11):
        lifecycle.progressed(take(), attempt)
        lifecycle.retry(fresh(job), attempt, code="crashed", message="It stopped.")
    for attempt in (11, 12):
        take()
        lifecycle.retry(fresh(job), attempt, code="crashed", message="It stopped.")
    assert fresh(job).status == Status.FAILED


def test_a_failure_gives_all_back_and_says_why() -> None:
    user = make_trainee()
    job = ordered(user)
    lifecycle.fail(take(), 1, code="not_learned", message="It did not settle. Your credits are back.")
    model = model_of(job)
    assert (model.state, model.failure_reason) == (
        CustomModel.State.FAILED,
        "It did not settle. Your credits are back.",
    )
    assert balance(user) == CREDITS
    assert reason_of(job) == "Given back: It did not settle. Your credits are back."


def test_a_finished_training_is_charged_with_its_model() -> None:
    user = make_trainee()
    job = ordered(user)
    model = model_of(job)
    weights = custom_models.keep_weights(model, lora_file(), rank=4)
    lifecycle.finish_training(take(), 1, lambda: custom_models.finish(model, weights))
    assert (fresh(job).status, hold_of(fresh(job)).settled) == (Status.FINISHED, 2000)
    assert model_of(job).state == CustomModel.State.READY
    with pytest.raises(JobEnded):
        lifecycle.finish_training(job, 1, lambda: None)


def test_a_model_that_is_gone_is_not_charged() -> None:
    def refuse() -> None:
        raise CustomModelGone

    job = ordered(make_trainee())
    with pytest.raises(CustomModelGone):
        lifecycle.finish_training(take(), 1, refuse)
    assert (fresh(job).status, hold_of(fresh(job)).settled) == (Status.PROCESSING, 0)


def test_paused_trainings_wait_and_a_pause_counts_as_no_attempt(settings: LazySettings) -> None:
    settings.TRAINING_MAX_ATTEMPTS = 1
    job = ordered(make_trainee())
    Job.objects.filter(pk=job.pk).update(queued_at=timezone.now() - timedelta(seconds=60))
    lifecycle.put_back(take(), 1)
    assert lifecycle.training_overdue()
    QueueSwitch.objects.create(queue="training", is_paused=True)
    assert lifecycle.claim_training("t1") is None
    assert not lifecycle.training_overdue()
    QueueSwitch.objects.update(is_paused=False)
    lifecycle.put_back(take(), 2)
    assert fresh(job).status == Status.NEW


def test_the_reaper_brings_a_lost_training_back() -> None:
    job = ordered(make_trainee())
    take()
    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert lifecycle.reap() == [job]
    assert take() == job


def test_a_training_that_failed_a_moment_ago_is_begun_again_later_and_others_meanwhile() -> None:
    ada, bob = make_trainee(), make_trainee("bob@example.com")
    first, other = ordered(ada), ordered(bob)
    failed = take()
    assert failed == first
    lifecycle.retry(failed, 1, code="disk_full", message="The disk is full.", pause_seconds=60)

    assert take("t2") == other
    assert lifecycle.claim_training("t3") is None
    assert not lifecycle.training_overdue()

    Job.objects.filter(pk=first.pk).update(queued_at=timezone.now() - timedelta(seconds=3))
    assert lifecycle.training_overdue()
    assert take("t3") == first


def test_a_lost_worker_is_no_reason_to_wait() -> None:
    job = ordered(make_trainee())
    take()
    Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert lifecycle.reap() == [job]
    assert take("t2") == job
