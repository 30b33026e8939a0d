"""Mails about runs and trainings that have ended: to those who want them, each told once."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.utils import timezone

from accounts import notifications
from accounts.models import Channel, Happening, User
from generation import custom_models, lifecycle, run_mail
from generation.models import Job
from tests import mail_servers
from tests.generation.runs import claim, finished, make_person, submit
from tests.generation.trained import lora_file
from tests.generation.trainees import make_trainee, model_of, ordered

pytestmark = pytest.mark.django_db

DONE, FAILED = (Happening.RUN_DONE, Channel.EMAIL), (Happening.RUN_FAILED, Channel.EMAIL)


def person(*wanted: notifications.Pair, email: str = "ada@example.com") -> User:
    user = make_person(email, credits=5000)
    notifications.choose(user, wanted)
    return user


def failed(user: User, **values: Any) -> None:
    submit(user, **values)
    job = claim().jobs[0]
    lifecycle.fail(job, job.attempt, code="broken", message="The model is broken.")


def tell() -> int:
    return run_mail.tell_runs(timezone.now() + timedelta(minutes=1))


def test_all_that_ended_since_the_last_mail_comes_in_one() -> None:
    user = person(DONE)
    finished(user, prompt="a red fox", num_images=2)
    finished(user, prompt="a blue heron")
    failed(user, prompt="a green hill")

    assert (tell(), tell()) == (1, 0)

    sent = mail.outbox[0]
    assert (sent.to, sent.subject) == ([user.email], "Your runs are done")
    for line in ("a red fox: 2 pictures", "a blue heron: 1 picture", "/settings/notifications/"):
        assert line in sent.body
    assert "a green hill" not in sent.body


def test_a_failure_is_told_with_its_reason_to_those_who_want_failures() -> None:
    user = person(FAILED)
    finished(user, prompt="a red fox")
    failed(user, prompt="a green hill")

    assert tell() == 1

    assert mail.outbox[0].subject == "A run failed"
    assert "a green hill: The model is broken." in mail.outbox[0].body


def test_a_mail_server_that_is_away_is_asked_again_by_the_next_sweep(settings: LazySettings) -> None:
    for email in ("ada@example.com", "bob@example.com"):
        finished(person(DONE, email=email), prompt="a red fox")
    mail_servers.tried.clear()
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, mail_servers.AWAY
    assert tell() == 0
    assert len(mail_servers.tried) == 1

    settings.EMAIL_BACKEND = backend

    assert (tell(), tell()) == (2, 0)
    assert "a red fox" in mail.outbox[0].body


def test_nobody_else_is_written_to_and_nothing_from_before() -> None:
    finished(person())
    late = make_person("bob@example.com")
    finished(late)
    notifications.choose(late, {DONE})

    assert tell() == 0


def test_many_runs_make_no_long_mail() -> None:
    user = person(DONE)
    for number in range(12):
        finished(user, prompt=f"picture {number}")

    tell()

    assert mail.outbox[0].body.count("/create/runs/") == 10
    assert "And more" in mail.outbox[0].body


# --- Trainings ------------------------------------------------------------------------------------------


def ended_training(user: User, *, is_done: bool) -> Job:
    ordered(user)
    found = lifecycle.claim_training("t1")
    assert found is not None
    job = found.jobs[0]
    model = model_of(job)
    if is_done:
        weights = custom_models.keep_weights(model, lora_file(), rank=4)
        lifecycle.finish_training(job, job.attempt, lambda: custom_models.finish(model, weights))
    else:
        lifecycle.fail(job, job.attempt, code="broken", message="The pictures are of different things.")
    return job


def test_a_training_that_is_done_is_told_without_a_word_said_before() -> None:
    user = make_trainee("ada@example.com")
    job = ended_training(user, is_done=True)

    assert run_mail.tell_training(job.pk)

    assert mail.outbox[0].to == ["ada@example.com"]
    assert mail.outbox[0].subject == "My toy is trained"
    assert f"/models/{model_of(job).pk}/" in mail.outbox[0].body


def test_a_training_that_failed_says_why() -> None:
    job = ended_training(make_trainee(), is_done=False)

    assert run_mail.tell_training(job.pk)

    assert "My toy could not be trained" in mail.outbox[0].subject
    assert "The pictures are of different things." in mail.outbox[0].body


@pytest.mark.parametrize("is_done", [True, False])
def test_who_wants_no_mail_about_trainings_gets_none(is_done: bool) -> None:
    user = make_trainee()
    notifications.choose(user, set())

    assert not run_mail.tell_training(ended_training(user, is_done=is_done).pk)
