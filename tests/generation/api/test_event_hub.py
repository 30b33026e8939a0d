import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import api_keys
from generation import diffusions, lifecycle
from generation.api.event_hub import Hub, State, ended_of, look, state_of
from generation.api.event_tickets import way_of
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


def test_who_waits_sees_the_run_move_up() -> None:
    program = make_program()
    first, second = ordered(program), ordered(program)
    known = state(program, second)

    lifecycle.cancel(first)
    moved = look({second.pk: (program.user, known)})[second.pk]

    assert (known.version, known.document["queuePosition"]) == ("NEW.0.0-2", 2)
    assert (moved.version, moved.document["queuePosition"]) == ("NEW.0.0-1", 1)
    assert look({second.pk: (program.user, moved)}) == {}


def test_a_run_that_was_deleted_is_over_and_says_no_more() -> None:
    program = make_program()
    job = ordered(program)
    known = state(program, job)
    program.delete(f"diffusions/{job.pk}")

    gone = look({job.pk: (program.user, known)})[job.pk]

    assert (gone.is_over, gone.is_gone) == (True, True)


def test_a_run_that_cannot_be_told_ends_its_own_streams_alone() -> None:
    program = make_program()
    damaged, job = ordered(program), ordered(program)
    known = {one.pk: (program.user, state(program, one)) for one in (damaged, job)}
    for one in (damaged, job):
        lifecycle.cancel(one)
    Job.objects.filter(pk=damaged.pk).update(params=[])

    news = look(known)

    assert (news[damaged.pk].is_over, news[damaged.pk].is_gone) == (True, True)
    assert (news[job.pk].document["status"], news[job.pk].is_gone) == ("CANCELED", False)


@pytest.mark.django_db(transaction=True)
def test_an_error_that_nobody_thought_of_does_not_end_the_looking() -> None:
    program = make_program()
    job = ordered(program)
    hub, now, way = Hub(), state(program, job), way_of(program.key.pk, program.key.digest)

    async def follow() -> State:
        nobody, nobodys_bell = hub.join("no id", program.user, now, way)  # type: ignore[arg-type]
        watch, bell = hub.join(job.pk, program.user, now, way)
        looking = asyncio.create_task(hub.run())
        await asyncio.sleep(0.1)
        hub.leave(nobody, nobodys_bell)
        await sync_to_async(lifecycle.cancel)(job)
        await asyncio.wait_for(bell.wait(), 10)
        looking.cancel()
        return watch.state

    assert asyncio.run(follow()).document["status"] == "CANCELED"


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
    hub, now, way = Hub(), state(program, job), way_of(program.key.pk, program.key.digest)

    async def follow() -> None:
        (first, first_bell), (second, second_bell) = (
            hub.join(job.pk, program.user, now, way),
            hub.join(job.pk, program.user, now, way),
        )
        assert first is second
        assert (hub.streams, hub.streams_of[program.user.pk]) == (2, 2)
        hub.leave(first, first_bell)
        assert list(hub.watches) == [job.pk]
        hub.leave(second, second_bell)

    asyncio.run(follow())
    assert (hub.watches, hub.streams, dict(hub.streams_of)) == ({}, 0, {})


def test_the_ways_in_that_have_closed_are_told_in_one_query() -> None:
    programs = [make_program() for _ in range(5)]
    revoked, switched_off, rotated, overlapping, _ = programs
    ways = [way_of(program.key.pk, program.key.digest) for program in programs]
    assert ended_of(ways) == set()

    api_keys.revoke(revoked.key)
    type(switched_off.user).objects.filter(pk=switched_off.user.pk).update(is_active=False)
    api_keys.rotate(rotated.key, overlap=timedelta())
    api_keys.rotate(overlapping.key)
    with CaptureQueriesContext(connection) as queries:
        ended = ended_of(ways)

    assert ended == set(ways[:3])
    assert len(queries) == 1
