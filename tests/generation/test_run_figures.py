"""Everybody's runs by day: each figure on its day, the same on both databases, from few queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from pytest_django import DjangoAssertNumQueries

from generation import lifecycle
from generation.models import Job
from generation.run_figures import RunDay, runs_by_day
from tests.generation.runs import make_person, pictures, submit

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def at(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


def tell_a_story() -> None:
    """Yesterday four wait, two of which share a pass, one fails, one is canceled; one more waits overnight."""
    began = NOW - DAY
    with at(began):
        ada = make_person(credits=1000)
        shared = [submit(ada, num_images=2) for _ in range(2)]
        bad, unwanted = submit(ada, width=96), submit(ada)
    with at(began + timedelta(seconds=10)):
        lifecycle.cancel(unwanted)
        claim = lifecycle.claim("w1")
        assert claim is not None
        assert {job.pk for job in claim.jobs} == {job.pk for job in shared}
    with at(began + timedelta(seconds=40)):
        for job in claim.jobs:
            lifecycle.finish(job, 1, pictures(job, 0, 1))
        assert lifecycle.claim("w1") is not None
    with at(began + timedelta(seconds=45)):
        lifecycle.fail(bad, 1, code="out_of_memory", message="It was too large.")
        submit(ada)


def test_each_figure_stands_on_its_day() -> None:
    tell_a_story()
    with at(NOW):
        before, yesterday, today = runs_by_day(NOW, 3)
    assert before == RunDay(date(2027, 3, 13))
    states = (yesterday.finished, yesterday.failed, yesterday.canceled)
    assert states == (2, 1, 1)
    assert yesterday.codes == {"out_of_memory": 1}
    assert yesterday.median_wait == pytest.approx(10, abs=0.01)
    assert yesterday.late_wait == pytest.approx(40, abs=0.01)
    # The two of one pass are drawn in 30 seconds, the one that failed in 5.
    assert yesterday.busy_seconds == pytest.approx(35, abs=0.01)
    assert yesterday.deepest_queue == 4
    assert (today.finished, today.deepest_queue) == (0, 1)


def test_a_shorter_span_says_the_same_of_its_days() -> None:
    tell_a_story()
    long = runs_by_day(NOW, 90)
    cache.clear()
    assert runs_by_day(NOW, 2) == long[-2:]
    cache.clear()
    assert runs_by_day(NOW, 1) == long[-1:]
    assert long[-1].deepest_queue == 1


def test_days_that_are_over_are_counted_once_and_today_always() -> None:
    tell_a_story()
    yesterday, today = runs_by_day(NOW, 2)
    with at(NOW):
        assert lifecycle.cancel(Job.objects.get(status=Job.Status.NEW))
    Job.objects.filter(status=Job.Status.FINISHED).update(error_code="never looked at again", images_stored=0)
    Job.objects.filter(status=Job.Status.FAILED).update(error_code="")
    before, same, later = runs_by_day(NOW, 3)
    # A longer span begins with a day that nobody has counted, so all of it is counted; from then on today alone is.
    assert (before.failed, same.codes) == (0, {"": 1})
    assert (today.canceled, later.canceled) == (0, 1)
    Job.objects.filter(status=Job.Status.FAILED).update(error_code="other")
    assert runs_by_day(NOW, 3) == (before, same, later)
    assert runs_by_day(NOW + DAY, 1)[0].canceled == 0
    just_after_midnight = datetime(2027, 3, 15, 0, 30, tzinfo=UTC)
    assert runs_by_day(just_after_midnight, 2)[0].codes == {"other": 1}
    assert yesterday.codes == {"out_of_memory": 1}


def test_trainings_are_neither_in_the_queue_nor_among_the_drawn() -> None:
    tell_a_story()
    Job.objects.update(task="dreambooth")
    yesterday, today = runs_by_day(NOW, 2)
    assert (yesterday.finished, yesterday.busy_seconds, yesterday.deepest_queue, today.deepest_queue) == (2, 0, 0, 0)


def test_it_takes_four_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(4):
        assert runs_by_day(NOW, 90) == tuple(RunDay(NOW.date() - DAY * number) for number in reversed(range(90)))
