import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from generation import diffusions, prompt_history
from generation.models import Job
from tests.generation.runs import make_person, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return make_person()


def asked(person: User, *prompts: str) -> list[Job]:
    return [submit(person, prompt=prompt, num_images=1) for prompt in prompts]


def test_the_newest_comes_first_and_each_text_once(person: User) -> None:
    asked(person, "a fox", "an owl", "a fox", "a hare")

    assert prompt_history.page(person).prompts == ["a hare", "a fox", "an owl"]


def test_pages_follow_each_other_without_a_gap(person: User) -> None:
    asked(person, "1", "2", "3", "4", "5")

    first = prompt_history.page(person, size=2)
    second = prompt_history.page(person, before=first.next_before, size=2)
    third = prompt_history.page(person, before=second.next_before, size=2)

    assert [first.prompts, second.prompts, third.prompts] == [["5", "4"], ["3", "2"], ["1"]]
    assert third.next_before is None


def test_a_page_that_is_just_full_is_the_last(person: User) -> None:
    asked(person, "1", "2")

    assert prompt_history.page(person, size=2).next_before is None


def test_what_others_asked_for_and_what_was_deleted_is_not_there(person: User) -> None:
    asked(make_person("bob@example.com"), "a secret")
    job, _ = asked(person, "an old one", "a fox")
    diffusions.delete(job)

    assert prompt_history.page(person).prompts == ["a fox"]


def test_runs_of_the_api_are_not_the_sites(person: User) -> None:
    (job,) = asked(person, "a fox")
    Job.objects.filter(pk=job.pk).update(product="api")

    assert prompt_history.page(person).prompts == []


def test_a_page_is_one_query_without_offset_and_reads_prompts_alone(person: User) -> None:
    asked(person, "a fox")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        prompt_history.page(person, before=Job.objects.latest("id").pk)

    page_sql = queries[-1]["sql"]
    assert len(queries) == 2
    assert "OFFSET" not in page_sql
    assert '"num_images"' not in page_sql
