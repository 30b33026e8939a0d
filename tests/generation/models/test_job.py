from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.models import Product
from generation.models import Job
from tests.generation.runs import claim, finished, make_person, submit

pytestmark = pytest.mark.django_db


def refuse(job: Job, **values: object) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**values)


def test_only_ones_own_runs_are_visible() -> None:
    ada, bob = make_person(), make_person("bob@example.com")
    mine = submit(ada)
    submit(bob)

    assert list(Job.objects.visible_to(ada)) == [mine]


def test_whoever_was_served_longest_ago_is_next() -> None:
    ada, bob, eve = make_person(), make_person("bob@example.com"), make_person("eve@example.com")
    finished(ada)
    finished(bob)
    jobs = {user.email[:3]: submit(user, prompt="next") for user in (bob, ada, eve)}

    order = list(Job.objects.in_turn())

    assert order == [jobs["eve"], jobs["ada"], jobs["bob"]]


def test_a_lease_that_ran_out_makes_a_run_lost() -> None:
    submit(make_person())
    job = claim().jobs[0]
    assert not Job.objects.lost().exists()

    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    assert list(Job.objects.lost()) == [job]


def test_what_is_charged_is_what_arrived() -> None:
    job = finished(make_person(), num_images=3, steps=50)

    assert (job.credits, job.credits_charged, job.is_partial) == (6, 6, False)
    assert submit(make_person("bob@example.com")).credits_charged == 0


def test_the_database_refuses_what_cannot_be() -> None:
    job = submit(make_person(), num_images=2)

    refuse(job, num_images=11)
    refuse(job, images_stored=3)
    refuse(job, status=Job.Status.FINISHED)
    refuse(job, status=Job.Status.PROCESSING)
    refuse(job, finished_at=timezone.now())


def test_the_database_refuses_a_second_run_for_one_submission() -> None:
    user = make_person()
    first, second = submit(user), submit(user, prompt="an owl")

    refuse(second, submit_key=first.submit_key)


def test_the_database_refuses_a_run_that_costs_nothing_and_is_no_test() -> None:
    job = submit(make_person())

    refuse(job, hold=None)


def test_what_was_not_started_in_time_is_late_and_can_not_be_started() -> None:
    job = submit(make_person())
    assert job in Job.objects.startable()

    Job.objects.filter(pk=job.pk).update(cancel_after=timezone.now() - timedelta(seconds=1))

    assert list(Job.objects.late()) == [job]
    assert not Job.objects.startable().exists()


def test_a_run_belongs_to_the_door_it_came_in_by_until_it_is_deleted() -> None:
    job = submit(make_person())
    assert list(Job.objects.of_product(Product.SITE)) == [job]
    assert not Job.objects.of_product(Product.API).exists()

    Job.objects.filter(pk=job.pk).update(deleted_at=timezone.now())

    assert not Job.objects.of_product(Product.SITE).exists()
