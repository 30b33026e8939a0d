import asyncio

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generation import diffusions, lifecycle
from generation.api.event_hub import Hub, State, look, state_of
from generation.api.events import SIGN_OF_LIFE
from generation.models import Job
from generation.progress import Reporter
from tests.generation.api.calling import Program, make_program
from tests.generation.api.told import ordered
from tests.generation.runs import claim, pictures

pytestmark = pytest.mark.django_db


def state(program: Program, job: Job) -> State:
    found = diffusions.find(program.user, str(job.pk))
    assert found is not None
    return state_of(found)


def test_nothing_new_is_no_news() -> None:
    program = make_program()
    job = ordered(program)

    assert look({job.pk: (program.user, state(program, job))}) == {}
    assert look({}) == {}
    assert cache.get(SIGN_OF_LIFE)


def test_a_run_is_followed_from_the_queue_to_its_pictures() -> None:
    program = make_program()
    job = ordered(program)
    known = state(program, job)

    taken = claim().jobs[0]
    drawn = look({job.pk: (program.user, known)})[job.pk]
    Reporter(job.pk, 1).step(7, 25, 1)
    going_on = look({job.pk: (program.user, drawn)})[job.pk]
    lifecycle.finish(taken, 1, pictures(taken, 0))
    done = look({job.pk: (program.user, going_on)})[job.pk]

    assert (drawn.version, drawn.document["status"], drawn.step) == ("PROCESSING.1.0", "PROCESSING", 0)
    assert (going_on.version, going_on.step, going_on.document["progress"]["percent"]) == ("PROCESSING.1.0", 7, 28)
    assert (done.is_over, done.document["status"], len(done.document["images"])) == (True, "FINISHED", 1)
    assert look({job.pk: (program.user, done)}) == {}


def test_a_run_that_was_deleted_is_over_and_says_no_more() -> None:
    program = make_program()
    job = ordered(program)
    known = state(program, job)
    program.delete(f"diffusions/{job.pk}")

    gone = look({job.pk: (program.user, known)})[job.pk]

    assert (gone.is_over, gone.is_gone) == (True, True)


def test_one_look_is_one_query_however_many_are_followed() -> None:
    program = make_program(1000)
    jobs = [ordered(program) for _ in range(12)]
    known = {job.pk: (program.user, state(program, job)) for job in jobs}

    with CaptureQueriesContext(connection) as queries:
        look(known)

    assert len(queries) == 1


def test_those_who_follow_the_same_run_share_a_watch_that_ends_with_the_last() -> None:
    program = make_program()
    job = ordered(program)
    hub, now = Hub(), state(program, job)

    async def follow() -> None:
        (first, first_bell), (second, second_bell) = (
            hub.join(job.pk, program.user, now),
            hub.join(job.pk, program.user, now),
        )
        assert first is second
        assert (hub.streams, hub.streams_of[program.user.pk]) == (2, 2)
        hub.leave(first, first_bell)
        assert list(hub.watches) == [job.pk]
        hub.leave(second, second_bell)

    asyncio.run(follow())
    assert (hub.watches, hub.streams, dict(hub.streams_of)) == ({}, 0, {})
