from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from generation import doorbell
from generation.models import Job, QueueSwitch
from generation.queue_health import measure
from tests.generation.runs import claim, make_person, submit
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_cache() -> None:
    cache.clear()


def test_an_idle_studio_works() -> None:
    page = words(visitor().get("/status/"))

    assert "<h1>Everything works</h1>" in page


def test_runs_are_counted_and_what_waits_too_long_is_said() -> None:
    job = submit(make_person())
    assert (measure().waiting, measure().running, measure().is_slow) == (1, 0, False)

    Job.objects.filter(pk=job.pk).update(queued_at=timezone.now() - timedelta(minutes=3))
    cache.clear()
    assert measure().is_stalled
    assert "Nothing is being drawn" in words(visitor().get("/status/"))

    claim()
    assert (measure().waiting, measure().running, measure().is_slow) == (0, 1, False)


def test_paused_trainings_are_said() -> None:
    QueueSwitch.objects.create(queue=doorbell.TRAINING_CLUSTER, is_paused=True)

    assert "Paused by the operator" in words(visitor().get("/status/"))


def test_runs_of_earlier_hours_are_not_counted() -> None:
    submit(make_person())
    Job.objects.update(status=Job.Status.FAILED, finished_at=timezone.now())

    assert measure().failed == 1
