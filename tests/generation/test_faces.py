from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generation import gallery, lifecycle
from generation.faces import RunFace, face_of, faces_of, model_name
from generation.models import Job
from generation.progress import Progress, Reporter
from tests.generation.runs import claim, finished, make_person, pictures, submit

pytestmark = pytest.mark.django_db


def look(job: Job) -> RunFace:
    """Return the run as its owner's page loads it."""
    jobs = Job.objects.prefetch_related(gallery.visible_images(job.user))
    return face_of(jobs.get(pk=job.pk), job.user)


def test_a_waiting_run_has_places_for_its_pictures_and_one_in_line() -> None:
    ada, bob = make_person(), make_person("bob@example.com")
    submit(bob)
    face = look(submit(ada, num_images=3, size="160x96"))

    assert (face.face, face.place, face.ready) == ("waiting", 2, 0)
    assert [tile.image for tile in face.tiles] == [None, None, None]
    assert (face.frame.width, face.frame.height) == (160, 96)


def test_who_is_next_is_asked_about_more_often() -> None:
    first, second = submit(make_person()), submit(make_person("bob@example.com"))

    assert (look(first).poll_seconds, look(second).poll_seconds) == (1, 3)


def test_a_working_run_shows_steps_previews_and_what_has_arrived() -> None:
    submit(make_person(), num_images=2)
    job = claim().jobs[0]
    lifecycle.deliver(job, job.attempt, pictures(job, 0))
    reporter = Reporter(job.pk, images=job.num_images)
    reporter.preview(1, "UklGRg==")
    reporter.step(12, of=25, images=job.num_images)

    face = look(job)

    assert (face.face, face.ready, face.poll_seconds) == ("working", 1, 1)
    assert face.progress is not None
    assert (face.progress.step, face.progress.of) == (12, 25)
    assert face.tiles[0].image is not None
    assert face.tiles[1].preview == "UklGRg=="


@pytest.mark.parametrize(
    ("seconds", "step", "words"),
    [(10, 10, "about 15 s left"), (100, 10, "about 2 min left"), (1, 25, "about 1 s left"), (10, 2, "")],
)
def test_time_left_follows_from_the_steps_done(seconds: int, step: int, words: str) -> None:
    job = Job(status=Job.Status.PROCESSING, started_at=timezone.now() - timedelta(seconds=seconds))

    assert RunFace(job, [], None, Progress(step=step, of=25)).time_left == words


def test_nobody_can_tell_before_the_first_steps() -> None:
    assert RunFace(Job(status=Job.Status.PROCESSING), [], None, None).time_left == ""


def test_a_finished_run_is_done_and_polled_no_more() -> None:
    face = look(finished(make_person(), num_images=2))

    assert (face.face, face.poll_seconds, face.missing, face.credits_back) == ("done", None, 0, 0)
    assert face.took is not None


def test_a_run_that_brought_part_says_what_is_missing_and_what_came_back() -> None:
    submit(make_person(), num_images=4)
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, 0, 2))

    face = look(job)

    assert (face.face, face.ready, face.missing, face.credits_back) == ("part", 2, 2, 2)
    assert [tile.index for tile in face.tiles] == [0, 2]


@pytest.mark.parametrize(("code", "is_refused"), [("out_of_memory", False), ("blocked", True)])
def test_a_failed_run_gives_everything_back(code: str, is_refused: bool) -> None:
    submit(make_person(), num_images=4)
    job = claim().jobs[0]
    lifecycle.fail(job, job.attempt, code=code, message="It could not be.")

    face = look(job)

    assert (face.face, face.credits_back, face.is_refused, face.tiles) == ("failed", 4, is_refused, [])


def test_a_canceled_run_keeps_what_had_arrived() -> None:
    submit(make_person(), num_images=4)
    job = claim().jobs[0]
    lifecycle.deliver(job, job.attempt, pictures(job, 0))
    lifecycle.cancel(job)

    face = look(job)

    assert (face.face, face.ready, face.credits_back) == ("canceled", 1, 3)


def test_deleted_pictures_are_neither_shown_nor_missing() -> None:
    job = finished(make_person(), num_images=2)
    gallery.delete(job.images.get(index=0))

    face = look(job)

    assert ([tile.index for tile in face.tiles], face.deleted, face.missing) == ([1], 1, 0)


def test_the_tag_changes_with_what_is_seen_and_with_nothing_else() -> None:
    submit(make_person(), num_images=2)
    job = claim().jobs[0]
    before = look(job).state_tag

    assert look(job).state_tag == before
    lifecycle.renew("w1", [job.pk])
    assert look(job).state_tag == before
    lifecycle.deliver(job, job.attempt, pictures(job, 0))
    assert look(job).state_tag != before


def test_a_run_that_was_sent_off_just_now_costs_a_look_at_the_queue_alone(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first = submit(make_person("first@example.com"))
    second = submit(make_person("second@example.com"))
    face_of(first, first.user)  # the look's SQL is made by now

    with django_assert_num_queries(1):
        face = face_of(second, second.user)
    assert (face.place, [tile.image for tile in face.tiles]) == (2, [None] * second.num_images)


def test_many_waiting_runs_cost_one_look_at_the_queue(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_person()
    for number in range(5):
        submit(user, prompt=f"fox {number}")
    jobs = gallery.recent_runs(user).jobs

    with django_assert_num_queries(1):
        faces = faces_of(jobs, user)

    assert sorted(face.place or 0 for face in faces) == [1, 2, 3, 4, 5]


def test_a_model_that_left_the_catalogue_keeps_its_slug_for_a_name() -> None:
    assert (model_name("starter"), model_name("gone-1")) == ("Starter", "gone-1")
