"""The judgement of stuck runs: each kind is seen, and a backlog that is worked through is none."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import User
from generation.models import Job
from tests.generation.runs import claim, make_person, submit
from tests.reliability.stuck import assert_none_is_stuck
from tests.reliability.studio import Studio

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

LEASE_SECONDS = 3
LONG_AGO = timedelta(seconds=64)


@pytest.fixture
def studio(child_environment: dict[str, str], tmp_path: Path) -> Studio:
    """Return the test's own database as a studio."""
    return Studio(child_environment["DATABASE_URL"], tmp_path)


def lose_lease(user: User) -> None:
    taken(user)
    Job.objects.update(lease_expires_at=timezone.now() - LONG_AGO)


def hang_with_a_lease(user: User) -> None:
    taken(user)
    Job.objects.update(started_at=timezone.now() - LONG_AGO)


def stand_still(user: User) -> None:
    submit(user)
    Job.objects.update(created_at=timezone.now() - LONG_AGO)


def starve(user: User) -> None:
    now = timezone.now()
    head = submit(user)
    finished(user, head, count=101)
    Job.objects.exclude(pk=head.pk).update(queued_at=now, started_at=now, finished_at=now)
    Job.objects.filter(pk=head.pk).update(queued_at=now - LONG_AGO)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lose_lease, "past its lease"),
        (hang_with_a_lease, "in one attempt"),
        (stand_still, "no run at all"),
        (starve, "passed by"),
    ],
)
def test_each_kind_of_stuck_run_is_seen(damage: Callable[[User], None], words: str, studio: Studio) -> None:
    damage(make_person())
    with pytest.raises(AssertionError, match=words):
        assert_none_is_stuck(studio, LEASE_SECONDS)


def test_a_backlog_that_is_worked_through_is_not_stuck(studio: Studio) -> None:
    user = make_person()
    head = submit(user)
    Job.objects.update(created_at=timezone.now() - LONG_AGO, queued_at=timezone.now() - LONG_AGO)
    finished(user, head, count=1)
    assert_none_is_stuck(studio, LEASE_SECONDS)


def taken(user: User) -> None:
    submit(user)
    claim()


def finished(user: User, like: Job, count: int) -> None:
    """Make so many runs of the person's that have just ended."""
    for number in range(count):
        fields = {field.attname: getattr(like, field.attname) for field in Job._meta.concrete_fields}
        own = {"id": None, "hold_id": None, "is_test": True, "submit_key": f"{number}", "status": Job.Status.FINISHED}
        now = timezone.now()
        row = Job(**{**fields, **own, "queued_at": now, "started_at": now, "finished_at": now})
        row.pk = Job._meta.pk.get_default()
        row.save(force_insert=True)
