"""The mail to the operators that a model's files are damaged."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from accounts.ids import uuid7
from generation import damaged_models, lifecycle
from generation.models import Job
from tests import mail_servers
from tests.generation.runs import claim, make_person, submit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _operators(settings: LazySettings) -> None:
    settings.ADMINS = [("Operator", "operator@example.com")]
    cache.clear()


def failed(model: str = "") -> Job:
    """Return a run that failed of damaged files; `model`: what drew it, in place of the starter."""
    submit(make_person(f"{uuid7()}@example.com", credits=10))
    job = claim().jobs[0]
    lifecycle.fail(job, job.attempt, code="model_damaged", message="The model's files are damaged.")
    if model:
        Job.objects.filter(pk=job.pk).update(served_by=model)
    return Job.objects.get(pk=job.pk)


def test_operators_are_told_once_a_model_and_day_and_where_to_look() -> None:
    first, second, other = failed(), failed(), failed("another-model")

    assert [damaged_models.warn(job.pk) for job in (first, second, other)] == [True, False, True]

    sent, of_other = mail.outbox
    assert sent.to == ["operator@example.com"]
    assert f"The files of {first.served_by} are damaged" in sent.subject
    assert f"/admin/generation/job/{first.pk}/" in sent.body
    assert "another-model" in of_other.subject
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert damaged_models.warn(second.pk)


def test_a_mail_that_does_not_go_out_is_made_up_for_by_the_next_run(settings: LazySettings) -> None:
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, mail_servers.AWAY
    assert not damaged_models.warn(failed().pk)
    settings.EMAIL_BACKEND = backend

    assert damaged_models.warn(failed().pk)


def test_a_run_that_was_erased_meanwhile_is_told_of_to_nobody() -> None:
    assert not damaged_models.warn(uuid7())
