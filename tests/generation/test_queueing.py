"""What a run writes besides the ledger's rows."""

import pytest
from django.conf import LazySettings
from django_q.models import OrmQ

from billing import ledger_rows
from generation import pricing, queueing
from generation.errors import QueueFull
from generation.models import Job
from generation.orders import Order
from generation.params import parse_text_to_image
from tests.generation.runs import make_person, submit

pytestmark = pytest.mark.django_db


def test_waiting_runs_are_counted_to_the_bound_and_no_further(settings: LazySettings) -> None:
    person = make_person()
    jobs = [submit(person, prompt=f"fox {number}") for number in range(3)]
    params = parse_text_to_image({"prompt": "a fox"})
    order = Order(person, params, pricing.quote(params), "starter", "once")

    (counted,) = ledger_rows.together([queueing.count_waiting(order)])
    assert counted[0][0] == len(jobs) == Job.objects.count()
    settings.JOBS_WAITING_MAX = 2
    (counted,) = ledger_rows.together([queueing.count_waiting(order)])
    assert counted[0][0] == 2
    with pytest.raises(QueueFull):
        queueing.written(order, order.new_job(), counted)


def test_the_row_that_is_written_is_the_run_that_was_made() -> None:
    person = make_person()
    job = submit(person, prompt="a “red” fox; 100 %", seed=7)

    stored = Job.objects.get()
    for field in Job._meta.concrete_fields:
        assert getattr(stored, field.attname) == getattr(job, field.attname), field.name
    assert (job._state.adding, job._state.db) == (False, "default")
    assert OrmQ.objects.get().task["func"] == "generation.tasks.wake"
