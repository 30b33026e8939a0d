from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generation import diffusions, faces, queue_line
from generation.api import event_hub
from generation.models import Job
from generation.models.queue_place import COUNTED_MAX
from generation.queue_line import Line
from tests.factories import make_user
from tests.generation.api.calling import PROMPT, Program, make_program

ADA, BOB, EVE = (UUID(int=number) for number in (1, 2, 3))


def test_whoever_waits_has_a_run_in_each_round_until_theirs_are_drawn() -> None:
    line = Line.of([(ADA, 1), (BOB, 3), (EVE, 2)])

    assert [line.place(ADA, 1), line.place(BOB, 1), line.place(EVE, 1)] == [1, 2, 3]
    assert [line.place(BOB, 2), line.place(EVE, 2), line.place(BOB, 3)] == [4, 5, 6]


def test_what_came_since_the_look_is_behind() -> None:
    line = Line.of([(ADA, 1), (BOB, 2)])

    assert line.place(EVE, 1) == 3
    assert line.place(BOB, 3) == 4
    assert Line.of([]).place(EVE, 2) == 2


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody who came before everybody have as many runs waiting as a short line has."""
    monkeypatch.setattr(queue_line, "_watch", queue_line._Watch())  # no other test's line
    user, before = make_user(), timezone.now() - timedelta(hours=1)
    facts = {"num_images": 1, "credits_per_image": 0, "pricing_version": 1, "is_test": True, "params": {}}
    Job.objects.bulk_create(
        Job(user=user, submit_key=str(number), queued_at=before, **facts) for number in range(COUNTED_MAX)
    )


def order(program: Program) -> Job:
    return Job.objects.get(pk=program.post("diffusions", PROMPT).json()["id"])


@pytest.mark.django_db
@pytest.mark.usefixtures("crowd")
def test_in_a_long_line_everywhere_the_same_place_is_told() -> None:
    program = make_program()
    jobs = [order(program), order(program)]

    shown = [program.get(f"diffusions/{job.pk}").json()["queuePosition"] for job in jobs]

    assert shown == [2, 4]
    listed = program.get("diffusions").json()["data"]
    assert [one["queuePosition"] for one in listed] == [4, 2]
    assert [face.place for face in faces.faces_of(jobs, jobs[0].user)] == [2, 4]
    found = diffusions.find(program.user, str(jobs[1].pk))
    assert found is not None
    assert event_hub.look({jobs[1].pk: (program.user, event_hub.state_of(found))}) == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("crowd")
def test_a_long_line_is_looked_at_once_for_all_who_ask(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(queue_line, "_EVERY_SECONDS", 3600.0)
    program = make_program()
    job = order(program)

    with django_assert_num_queries(2):  # the run, the line
        first = diffusions.find(program.user, str(job.pk))
    with django_assert_num_queries(1):
        second = diffusions.find(program.user, str(job.pk))

    assert (first and first.queue_position, second and second.queue_position) == (2, 2)


@pytest.mark.django_db
@pytest.mark.usefixtures("crowd")
def test_a_long_line_is_looked_at_again_when_it_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_line, "_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(queue_line, "_PAUSES_PER_LOOK", 0)
    first, second = make_program(), make_program()
    order(first)
    job = order(second)
    assert second.get(f"diffusions/{job.pk}").json()["queuePosition"] == 3

    first.delete(f"diffusions/{first.get('diffusions').json()['data'][0]['id']}")

    assert second.get(f"diffusions/{job.pk}").json()["queuePosition"] == 2
