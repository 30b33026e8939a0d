import pytest
from pytest_django import DjangoAssertNumQueries

from generation import gallery, lifecycle, params, uploads
from generation.models import Job
from tests.generation.runs import balance, claim, finished, make_person, pictures, submit
from tests.generation.trainees import make_trainee, model_of, ordered
from tests.generation.uploads import brought
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def test_anonymous_people_log_in_first() -> None:
    page = f"/create/runs/{submit(make_person()).pk}/"

    assert_sent_to_login(visitor().get(page), page)


def test_a_stranger_finds_nothing() -> None:
    page = f"/create/runs/{submit(make_person()).pk}/"
    stranger = visitor(make_person("bob@example.com"))

    assert stranger.get(page).status_code == 404
    assert stranger.get(page, headers=HTMX).status_code == 404


def test_the_owner_opens_it_as_a_page_and_follows_it_as_a_part() -> None:
    user = make_person()
    page = f"/create/runs/{submit(user).pk}/"

    whole, part = visitor(user).get(page), visitor(user).get(page, headers=HTMX)

    assert "<html" in words(whole)
    assert "<html" not in words(part)
    assert "Next in line" in words(part)
    assert 'hx-trigger="every 1s"' in words(part)
    assert "HX-Request" in whole["Vary"]
    assert "HX-Request" in part["Vary"]


def test_a_training_leads_to_its_model() -> None:
    user = make_trainee()
    job = ordered(user)
    answer = visitor(user).get(f"/create/runs/{job.pk}/")
    assert answer["Location"] == f"/models/{model_of(job).pk}/"
    assert visitor(make_person("bob@example.com")).get(f"/create/runs/{job.pk}/").status_code == 404


def test_the_same_state_is_not_sent_twice() -> None:
    user = make_person()
    page = f"/create/runs/{submit(user).pk}/"
    client = visitor(user)
    tag = client.get(page, headers=HTMX)["ETag"]

    unchanged = client.get(page, headers={**HTMX, "If-None-Match": tag})
    claim()
    changed = client.get(page, headers={**HTMX, "If-None-Match": tag})

    assert (unchanged.status_code, words(unchanged)) == (304, "")
    assert changed.status_code == 200
    assert changed["ETag"] != tag
    assert "no-cache" in changed["Cache-Control"]


def test_pictures_appear_as_they_come() -> None:
    user = make_person()
    submit(user, num_images=4)
    job = claim().jobs[0]
    lifecycle.deliver(job, job.attempt, pictures(job, 0, 1))

    part = words(visitor(user).get(f"/create/runs/{job.pk}/", headers=HTMX))

    assert "2 of 4 ready" in part
    assert part.count('class="tile-link"') == 2
    assert part.count("frame-working") == 2
    assert "Getting ready" in part


def test_the_first_answer_brings_the_balance_where_it_is_asked_for() -> None:
    user = make_person()
    page = f"/create/runs/{submit(user).pk}/"

    assert 'id="balance"' not in words(visitor(user).get(page, headers=HTMX))
    assert 'aria-label="99 credits' in words(visitor(user).get(f"{page}?balance", headers=HTMX))


def test_the_last_answer_stops_the_asking_and_brings_the_balance() -> None:
    user = make_person()
    job = finished(user, num_images=4)

    part = words(visitor(user).get(f"/create/runs/{job.pk}/", headers=HTMX))

    assert "every " not in part
    assert 'aria-label="96 credits' in part
    assert "4 credits charged" in part


def test_a_failure_says_why_and_that_the_credits_are_back() -> None:
    user = make_person()
    submit(user, num_images=4)
    job = claim().jobs[0]
    lifecycle.fail(job, job.attempt, code="out_of_memory", message="The model ran out of memory.")

    page = words(visitor(user).get(f"/create/runs/{job.pk}/"))

    assert "The model ran out of memory." in page
    assert "4 credits are back." in page
    assert "Try again · 4<span" in page


def test_a_run_in_part_shows_what_is_missing() -> None:
    user = make_person()
    submit(user, num_images=3)
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, 0, 2))

    page = words(visitor(user).get(f"/create/runs/{job.pk}/"))

    assert "2 of 3 pictures arrived" in page
    assert "1 credit is back." in page
    assert page.count("Not drawn, not charged") == 1


def test_a_prompt_is_text_and_no_code() -> None:
    user = make_person()
    job = finished(user, prompt="<script>alert(1)</script>")

    page = words(visitor(user).get(f"/create/runs/{job.pk}/"))

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_run_whose_pictures_were_deleted_says_so() -> None:
    user = make_person()
    job = finished(user, num_images=1)
    gallery.delete(job.images.get())

    assert "The picture of this run was deleted." in words(visitor(user).get(f"/create/runs/{job.pk}/"))


@pytest.mark.parametrize("state", ["waiting", "working", "done"])
def test_a_poll_costs_at_most_four_queries_and_the_last_one_two_more(
    state: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    user = make_person()
    job = finished(user) if state == "done" else submit(user)
    if state == "working":
        claim()
    client = visitor(user)
    client.get("/library/")

    # The last poll brings the new balance, whose tip asks how a plan goes on and which of its months come.
    with django_assert_max_num_queries(6 if state == "done" else 4):
        client.get(f"/create/runs/{job.pk}/", headers=HTMX)


def test_a_button_says_what_its_press_costs_now_not_what_the_run_cost_then() -> None:
    user = make_person()
    job = finished(user, num_images=4)
    Job.objects.filter(pk=job.pk).update(credits_per_image=0, is_test=True)
    client = visitor(user)

    page = words(client.get(f"/create/runs/{job.pk}/"))

    assert page.count('Vary · 4<span class="noun"> credits</span>') == 1
    assert page.count('Again · 4<span class="noun"> credits</span>') == 1
    before = balance(user)
    client.post(f"/create/runs/{job.pk}/again/", {"key": "k", "seed": "same"})
    assert balance(user) == before - 4


def test_a_run_that_cannot_be_sent_once_more_says_why_in_the_place_of_the_buttons() -> None:
    user = make_person()
    upload = brought(user)
    job = lifecycle.submit(user, params.parse("upscale", {"image": upload.reference}, user), key="k")
    lifecycle.cancel(job)
    uploads.delete(upload)

    page = words(visitor(user).get(f"/create/runs/{job.pk}/"))

    assert "This picture is not there: it was deleted, or is not yours." in page
    assert 'name="seed"' not in page
    assert "Use settings" in page
