import pytest
from pytest_django import DjangoAssertNumQueries

from generation import diffusions, lifecycle
from generation.models import Image, Job
from tests.generation.api.calling import PROMPT, Program, make_program
from tests.generation.runs import claim, pictures

pytestmark = pytest.mark.django_db


def order(program: Program, images: int = 1) -> Job:
    answer = program.post("diffusions", {**PROMPT, "numImages": images})
    return Job.objects.get(pk=answer.json()["id"])


def test_a_run_comes_with_its_visible_pictures_in_order_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    program = make_program()
    job = order(program, images=3)
    claimed = claim().jobs[0]
    lifecycle.finish(claimed, claimed.attempt, pictures(claimed, 2, 0, 1))
    Image.objects.filter(index=1).update(deleted_at=claimed.created_at)

    with django_assert_num_queries(1):
        found = diffusions.find(program.user, str(job.pk))

    assert found is not None
    assert [image.index for image in found.images] == [0, 2]
    assert found.images[0].job == job
    assert found.queue_position is None


def test_a_run_without_pictures_is_found() -> None:
    program = make_program()
    job = order(program)

    found = diffusions.find(program.user, str(job.pk))

    assert found == diffusions.Diffusion(job, [], 1)


@pytest.mark.parametrize("text", ["", "x", "636f02e3-2df1-11ee-91eb-ba334091ec99"])
def test_what_is_not_there_is_none(text: str) -> None:
    assert diffusions.find(make_program().user, text) is None


def test_an_id_has_one_spelling() -> None:
    program = make_program()
    job = order(program)

    assert diffusions.find(program.user, job.pk.hex) is None
    assert diffusions.find(program.user, str(job.pk).upper()) is not None


def test_pages_meet_without_gap_or_overlap() -> None:
    program = make_program()
    jobs = [order(program) for _ in range(5)]

    first = diffusions.page(program.user, {}, after=None, size=3)
    second = diffusions.page(program.user, {}, after=first.next_after, size=3)

    assert [one.job for one in first.found + second.found] == jobs[::-1]
    assert second.next_after is None


def test_the_next_page_begins_where_the_last_ended_whatever_was_deleted_meanwhile() -> None:
    program = make_program()
    jobs = [order(program) for _ in range(6)]
    first = diffusions.page(program.user, {}, after=None, size=2)

    for job in (jobs[5], jobs[4], jobs[3]):  # one that was seen, the one that `next` names, one that comes
        diffusions.delete(job)
    second = diffusions.page(program.user, {}, after=first.next_after, size=2)

    assert [one.job for one in second.found] == [jobs[2], jobs[1]]


def test_a_deleted_run_is_hidden_with_its_pictures() -> None:
    program = make_program()
    job = order(program)
    claimed = claim().jobs[0]
    lifecycle.finish(claimed, claimed.attempt, pictures(claimed, 0))

    diffusions.delete(job)

    assert diffusions.find(program.user, str(job.pk)) is None
    assert not Image.objects.visible_to(program.user).exists()
