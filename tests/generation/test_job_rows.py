"""What a claim writes, and what it knows without asking again."""

import pytest
from pytest_django import DjangoAssertNumQueries

from generation import lifecycle
from generation.models import Job
from tests.generation.runs import make_person, submit

pytestmark = pytest.mark.django_db


def test_what_is_claimed_is_as_its_rows_say_and_costs_a_look_and_a_write(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(2):
        submit(make_person(f"person{number}@example.com", at_once=2 - number), prompt=f"fox {number}")
    tried = lifecycle.claim("w1", limit=1)
    assert tried is not None
    lifecycle.retry(tried.jobs[0], 1, code="x", message="x")

    with django_assert_num_queries(2):
        first = lifecycle.claim("w1", limit=1)
    claims = [taken for taken in (first, lifecycle.claim("w1", limit=1)) if taken]

    for taken in claims:
        (job,) = taken.jobs
        row = Job.objects.get(pk=job.pk)
        assert (job.status, job.claimed_by) == (Job.Status.PROCESSING, taken.worker)
        for field in Job._meta.concrete_fields:
            assert getattr(job, field.attname) == getattr(row, field.attname), field
    assert sorted(taken.jobs[0].attempt for taken in claims) == [1, 2]
