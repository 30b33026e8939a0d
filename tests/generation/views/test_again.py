import re

import pytest

from generation import word_lists
from generation.models import Job
from tests.generation.runs import finished, make_person
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def again(job: Job) -> str:
    return f"/create/runs/{job.pk}/again/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().post(again(finished(make_person())), {"key": "k"}), "/create/")
    assert Job.objects.count() == 1


def test_a_strangers_run_is_not_run_again() -> None:
    job = finished(make_person())

    assert visitor(make_person("bob@example.com")).post(again(job), {"key": "k"}).status_code == 404
    assert Job.objects.count() == 1


def test_again_takes_the_same_settings_and_seed() -> None:
    user = make_person()
    job = finished(user, seed=7, steps=30, num_images=2)

    visitor(user).post(again(job), {"key": "k", "seed": "same"}, headers=HTMX)

    assert Job.objects.exclude(pk=job.pk).get().params == job.params


def test_vary_takes_the_same_settings_and_another_seed() -> None:
    user = make_person()
    job = finished(user, seed=7, steps=30)

    visitor(user).post(again(job), {"key": "k", "seed": "new"}, headers=HTMX)

    other = Job.objects.exclude(pk=job.pk).get()
    assert other.params["seed"] != 7
    assert {**other.params, "seed": 7} == job.params


def test_the_answer_brings_the_run_a_fresh_key_and_the_balance() -> None:
    user = make_person()
    job = finished(user)

    page = words(visitor(user).post(again(job), {"key": "k", "seed": "new"}, headers=HTMX))

    other = Job.objects.exclude(pk=job.pk).get()
    assert f'id="run-{other.pk}"' in page
    key = re.search(rf'id="actions-{job.pk}".*?name="key" value="([0-9a-f]+)"', page, re.DOTALL)
    assert key is not None
    assert key[1] != "k"
    assert 'id="balance"' in page


def test_a_double_click_makes_one_run() -> None:
    user = make_person()
    job = finished(user)
    client = visitor(user)

    for _ in range(2):
        client.post(again(job), {"key": "k", "seed": "new"}, headers=HTMX)

    assert Job.objects.count() == 2


def test_too_few_credits_are_said_beside_the_run() -> None:
    user = make_person(credits=4)
    job = finished(user, num_images=4)

    page = words(visitor(user).post(again(job), {"key": "k", "seed": "new"}, headers=HTMX))

    assert "This costs 4 credits and you have 0." in page
    assert Job.objects.count() == 1


def test_without_javascript_create_follows() -> None:
    user = make_person()

    answer = visitor(user).post(again(finished(user)), {"key": "k", "seed": "new"})

    assert answer["Location"] == "/create/"


def test_without_javascript_create_says_why_it_was_refused() -> None:
    user = make_person(credits=4)
    job = finished(user, num_images=4)

    page = words(visitor(user).post(again(job), {"key": "k", "seed": "new"}, follow=True))

    assert "This costs 4 credits and you have 0." in page
    assert Job.objects.count() == 1


def test_again_keeps_each_pictures_words_and_vary_chooses_anew() -> None:
    user = make_person()
    hats = word_lists.save(user, "hats", "a bowler")
    job = finished(user, prompt="__hats__ {1|2|3|4|5|6|7|8|9}", num_images=4)
    word_lists.save(user, "hats", "a beret", changed=hats)

    visitor(user).post(again(job), {"key": "k", "seed": "same"}, headers=HTMX)
    visitor(user).post(again(job), {"key": "l", "seed": "new"}, headers=HTMX)

    same, new = Job.objects.exclude(pk=job.pk).order_by("id")
    assert same.words == job.words
    assert all(prompt.startswith("a beret") for prompt, _ in new.words)


def test_vary_says_why_it_cannot_when_a_list_is_gone() -> None:
    user = make_person()
    hats = word_lists.save(user, "hats", "a bowler")
    job = finished(user, prompt="__hats__")
    hats.delete()

    page = words(visitor(user).post(again(job), {"key": "k", "seed": "new"}, headers=HTMX))

    assert "There is no list __hats__." in page
    assert Job.objects.count() == 1
