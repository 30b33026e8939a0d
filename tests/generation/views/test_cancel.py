import pytest

from generation.models import Job
from tests.generation.runs import balance, claim, finished, make_person, submit
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def test_anonymous_people_cancel_nothing() -> None:
    job = submit(make_person())

    assert_sent_to_login(visitor().post(f"/create/runs/{job.pk}/cancel/"), "/create/")
    assert Job.objects.get(pk=job.pk).status == Job.Status.NEW


def test_a_stranger_cancels_nothing() -> None:
    job = submit(make_person())

    assert visitor(make_person("bob@example.com")).post(f"/create/runs/{job.pk}/cancel/").status_code == 404
    assert Job.objects.get(pk=job.pk).status == Job.Status.NEW


@pytest.mark.parametrize("is_running", [False, True])
def test_the_owner_gets_the_credits_back(is_running: bool) -> None:
    user = make_person()
    job = submit(user, num_images=4)
    if is_running:
        claim()

    part = words(visitor(user).post(f"/create/runs/{job.pk}/cancel/", headers=HTMX))

    assert "Canceled. 4 credits are back." in part
    assert 'aria-label="100 credits' in part
    assert balance(user) == 100


def test_a_run_that_had_ended_is_shown_as_it_is() -> None:
    user = make_person()
    job = finished(user, num_images=4)

    part = words(visitor(user).post(f"/create/runs/{job.pk}/cancel/", headers=HTMX))

    assert 'data-face="done"' in part
    assert balance(user) == 96


def test_without_javascript_the_runs_page_follows() -> None:
    user = make_person()
    job = submit(user)

    assert visitor(user).post(f"/create/runs/{job.pk}/cancel/")["Location"] == f"/create/runs/{job.pk}/"


def test_opening_the_address_cancels_nothing() -> None:
    user = make_person()
    job = submit(user)

    assert visitor(user).get(f"/create/runs/{job.pk}/cancel/").status_code == 405
