import pytest

from generation import lifecycle, params
from generation.models import Job
from tests.generation.runs import finished, make_person
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> Job:
    """Return a run that began from a picture that was drawn from words."""
    user = make_person()
    first = finished(user, num_images=1, prompt="a green owl").images.get()
    values = {"prompt": "a red hat", "image": f"image:{first.pk}"}
    return lifecycle.submit(user, params.parse("image-to-image", values, user), key="k")


def test_anonymous_people_log_in_first(job: Job) -> None:
    address = f"/create/runs/{job.pk}/earlier/"
    assert_sent_to_login(visitor().get(address), address)


def test_a_stranger_finds_nothing(job: Job) -> None:
    assert visitor(make_person("eve@example.com")).get(f"/create/runs/{job.pk}/earlier/").status_code == 404


def test_what_the_run_began_from_is_shown_as_a_page_or_as_a_part_of_one(job: Job) -> None:
    browser = visitor(job.user)
    page, part = (words(browser.get(f"/create/runs/{job.pk}/earlier/", headers=each)) for each in ({}, HTMX))

    assert "What “a red hat” was made from" in page
    assert "<html" in page
    assert "<html" not in part
    for one in (page, part):
        assert "a green owl" in one
        assert "Branch from here" in one
