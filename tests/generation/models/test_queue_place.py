import random
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from generation import lifecycle, queue_line
from generation.models import Job
from tests.generation.runs import finished, make_person, pictures, submit

pytestmark = pytest.mark.django_db


def places() -> dict[Job, int | None]:
    """Return every waiting run with its place."""
    return {job: queue_line.place_of(job) for job in Job.objects.waiting().with_place()}


def claimed_one_by_one() -> list[Job]:
    """Let a worker draw everything, one run a pass; returns the runs in the order in which it took them."""
    order = []
    while taken := lifecycle.claim("w1", limit=1):
        [job] = taken.jobs
        lifecycle.finish(job, job.attempt, pictures(job, 0))
        order.append(job)
    return order


@pytest.mark.parametrize("seed", range(8))
def test_the_place_is_where_the_claim_comes_to_it(seed: int) -> None:
    dice = random.Random(seed)
    people = [make_person(f"p{number}@example.com") for number in range(5)]
    for person in dice.sample(people, dice.randint(0, 5)):
        finished(person)
    for person in dice.choices(people, weights=(9, 4, 2, 1, 1), k=14):
        submit(person)

    told, line, turns = places(), queue_line.look(), Counter[uuid.UUID]()

    order = claimed_one_by_one()
    assert [told[job] for job in order] == list(range(1, 15))
    for place, job in enumerate(order, start=1):
        turns[job.user_id] += 1
        assert line.place(job.user_id, turns[job.user_id]) == place


def test_the_place_moves_up_with_each_start() -> None:
    ada, bob = make_person(), make_person("bob@example.com")
    first, second, late = submit(ada), submit(ada), submit(bob)
    assert places() == {first: 1, late: 2, second: 3}

    taken = lifecycle.claim("w1", limit=1)

    assert taken is not None
    assert places() == {late: 1, second: 2}


def test_who_comes_back_keeps_the_turn_by_age() -> None:
    ada = make_person()
    first, second = submit(ada), submit(ada)
    Job.objects.filter(pk=first.pk).update(queued_at=timezone.now() + timedelta(seconds=1))

    assert places() == {second: 1, first: 2}


def test_what_has_started_has_no_place() -> None:
    job = finished(make_person())

    assert queue_line.place_of(Job.objects.with_place().get(pk=job.pk)) is None
