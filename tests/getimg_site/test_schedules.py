"""The periodic jobs' rows."""

import importlib

import pytest
from django_q.models import Schedule

from getimg_site import schedules


def rows() -> set[tuple[str, str, str, int, int]]:
    return set(Schedule.objects.values_list("name", "func", "schedule_type", "minutes", "repeats"))


@pytest.mark.django_db
def test_each_periodic_job_has_one_row_for_ever() -> None:
    schedules.seed()

    assert rows() == {(name, name, Schedule.MINUTES, minutes, -1) for name, minutes in schedules.SCHEDULES}


@pytest.mark.django_db
def test_seeding_again_keeps_the_rows_and_when_they_run_next() -> None:
    schedules.seed()
    before = dict(Schedule.objects.values_list("id", "next_run"))

    schedules.seed()

    assert dict(Schedule.objects.values_list("id", "next_run")) == before


@pytest.mark.django_db
def test_seeding_mends_a_changed_row_and_removes_one_that_is_nobodys() -> None:
    schedules.seed()
    Schedule.objects.update(minutes=77, repeats=1)
    Schedule.objects.create(name="gone", func="gone.for_good", schedule_type=Schedule.MINUTES, minutes=1)

    schedules.seed()

    assert rows() == {(name, name, Schedule.MINUTES, minutes, -1) for name, minutes in schedules.SCHEDULES}


@pytest.mark.parametrize("name", [name for name, _ in schedules.SCHEDULES])
def test_what_a_schedule_names_can_be_called(name: str) -> None:
    module, _, function = name.rpartition(".")

    assert callable(getattr(importlib.import_module(module), function))


def test_no_job_is_scheduled_twice() -> None:
    names = [name for name, _ in schedules.SCHEDULES]

    assert len(set(names)) == len(names)
