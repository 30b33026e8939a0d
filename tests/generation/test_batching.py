"""Which runs share a pass, for whom it is waited, and the places that a plan gives away."""

import pytest
from django.conf import LazySettings

from billing.models import Wallet
from generation import batching, lifecycle
from generation.models import Job
from tests.factories import make_user, make_wallet
from tests.generation.runs import claim, make_person, pictures, submit

pytestmark = pytest.mark.django_db

Status = Job.Status


def test_claim_takes_runs_that_can_share_a_pass() -> None:
    user = make_person()
    first = submit(user, num_images=2)
    other_size = submit(user, size="128x96")
    second = submit(make_person("bob@example.com"), num_images=4)

    taken = claim()

    assert {job.pk for job in taken.jobs} == {first.pk, second.pk}
    assert all(job.status == Status.PROCESSING and job.attempt == 1 for job in taken.jobs)
    other_size.refresh_from_db()
    assert other_size.status == Status.NEW


def test_a_batch_holds_no_more_pictures_than_the_model_takes() -> None:
    user = make_person()
    for _ in range(3):
        submit(user, num_images=4)

    assert sum(job.num_images for job in claim().jobs) == 8


def test_a_run_larger_than_a_batch_is_taken_alone() -> None:
    user = make_person()
    submit(user, num_images=10)
    submit(user, num_images=1)

    assert [job.num_images for job in claim().jobs] == [10]


def test_nobodys_backlog_keeps_another_waiting() -> None:
    ada, bob = make_person(), make_person("bob@example.com")
    backlog = [submit(ada, num_images=8, prompt=f"fox {number}") for number in range(3)]
    late = submit(bob, num_images=8)

    order = [claim().jobs[0].pk for _ in range(4)]

    assert order == [backlog[0].pk, late.pk, backlog[1].pk, backlog[2].pk]


def test_a_run_that_was_tried_before_runs_alone() -> None:
    user = make_person()
    submit(user)
    submit(user, prompt="an owl")
    for job in claim().jobs:
        lifecycle.retry(job, 1, code="crashed", message="It stopped.")

    assert len(claim().jobs) == 1


@pytest.mark.parametrize(("waiting", "taken"), [(1, 1), (3, 3), (9, 8)])
def test_it_is_waited_neither_for_somebody_alone_nor_for_a_full_pass_nor_when_nobody_comes(
    waiting: int, taken: int
) -> None:
    user = make_person()
    for number in range(waiting):
        submit(user, prompt=f"fox {number}")

    assert len(batching.choose(delay_seconds=3600)) == taken


def test_claim_finds_nothing_when_nothing_waits() -> None:
    assert lifecycle.claim("w1") is None


# --- Places ---------------------------------------------------------------------------------------------


def test_no_more_runs_are_drawn_at_a_time_than_the_plan_has_places() -> None:
    user = make_person(at_once=2)
    jobs = [submit(user, prompt=f"fox {number}") for number in range(4)]

    first = claim()
    assert [job.pk for job in first.jobs] == [job.pk for job in jobs[:2]]
    assert lifecycle.claim("w2") is None
    assert not lifecycle.overdue()

    lifecycle.finish(first.jobs[0], 1, pictures(first.jobs[0], 0))
    assert [(job.pk, job.slot) for job in claim("w2").jobs] == [(jobs[2].pk, 0)]


def test_who_waits_for_a_place_keeps_nobody_else_waiting(settings: LazySettings) -> None:
    settings.JOBS_WAITING_MAX = 100
    full = make_person(at_once=1)
    for number in range(70):
        submit(full, prompt=f"fox {number}")
    claim()
    other = submit(make_person("bob@example.com", at_once=1))
    assert [job.pk for job in claim("w2").jobs] == [other.pk]


def test_a_cancel_and_a_lost_worker_free_their_places() -> None:
    user = make_person(at_once=1)
    first, second = submit(user, prompt="one"), submit(user, prompt="two")
    claim()
    lifecycle.cancel(first)
    assert claim().jobs[0].pk == second.pk
    lifecycle.abandon("w1")
    assert claim().jobs[0].pk == second.pk


def test_the_free_plan_draws_one_run_at_a_time() -> None:
    user = make_user()
    make_wallet(10, user=user)
    submit(user, prompt="one")
    submit(user, prompt="two")
    assert len(claim().jobs) == 1
    assert lifecycle.claim("w2") is None


def test_runs_that_no_plan_limits_take_no_place() -> None:
    user = make_person(at_once=1)
    Wallet.objects.filter(user=user).update(plan=None)
    submit(user, prompt="one")
    submit(user, prompt="two")
    assert {job.slot for job in claim().jobs} == {None}
