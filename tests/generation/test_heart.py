"""What a worker has in hand stays its own for as long as its heart beats."""

import time
import uuid
from collections.abc import Collection

import pytest
from django.conf import LazySettings
from django_q.models import OrmQ

from generation.heart import Heart
from generation.models import Job
from tests.flows.clusters import wait_for
from tests.generation.runs import claim, make_person, submit
from tests.generation.workers import forked

pytestmark = pytest.mark.django_db(transaction=True)


class Stub:
    """A worker that has one run, and lost its engine or not."""

    def __init__(self, job: Job, *, lost_its_engine: bool) -> None:
        self.name = "w1"
        self.lost_its_engine = lost_its_engine
        self._job = job

    def in_flight(self) -> Collection[uuid.UUID]:
        """Return its run."""
        return [self._job.pk]


def _live(job: Job, *, lost_its_engine: bool) -> None:
    Heart(Stub(job, lost_its_engine=lost_its_engine)).start()
    time.sleep(600)


@pytest.mark.parametrize("lost_its_engine", [True, False])
def test_it_renews_leases_and_rings_for_an_engine_that_is_gone(settings: LazySettings, lost_its_engine: bool) -> None:
    settings.JOB_LEASE_SECONDS = 1.0
    submit(make_person())
    (job,) = claim("w1").jobs
    OrmQ.objects.all().delete()

    with forked(lambda: _live(job, lost_its_engine=lost_its_engine)):
        wait_for(lambda: Job.objects.get(pk=job.pk).lease_expires_at != job.lease_expires_at, "a longer lease")
        if lost_its_engine:
            wait_for(lambda: OrmQ.objects.exists(), "a ring")

    assert OrmQ.objects.exists() is lost_its_engine
