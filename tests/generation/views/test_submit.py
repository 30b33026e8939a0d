import re
from typing import Any

import pytest
from pytest_django import Settings

from billing.models import LedgerEntry
from generation.models import Job
from tests.generation.runs import balance, finished, make_person, submit
from tests.generation.trained import ready
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

SUBMIT = "/create/runs/"
FORM = {"prompt": "a red fox", "num_images": "4", "key": "k1"}


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().post(SUBMIT, FORM), "/create/")
    assert not Job.objects.exists()


def test_a_press_makes_a_run_and_sets_its_price_aside() -> None:
    user = make_person()

    answer = visitor(user).post(SUBMIT, FORM, headers=HTMX)

    job = user.jobs.get()
    page = words(answer)
    assert page.lstrip().startswith(f'<article class="run run-4" id="run-{job.pk}"')
    assert balance(user) == 96


def test_the_answer_brings_a_fresh_key_the_price_and_the_balance() -> None:
    page = words(visitor(make_person()).post(SUBMIT, FORM, headers=HTMX))

    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    assert key[1] != "k1"
    assert "92 left after" in page
    assert re.search(r'id="balance"[^>]*hx-swap-oob="true"[^>]*aria-label="96 credits', page)


PLAIN = {**FORM, "shown_model": "starter", "model": "starter", "is_plain": "1"}


def parts(page: str) -> list[str]:
    """Return what an answer replaces beside the run it brings."""
    return re.findall(r'id="([a-z-]+)"[^>]*hx-swap-oob=', page)


def test_a_form_without_a_word_to_take_back_stays_but_for_its_key_the_price_and_the_balance() -> None:
    page = words(visitor(make_person()).post(SUBMIT, PLAIN, headers=HTMX))

    assert parts(page) == ["form-key", "action", "balance"]
    assert re.search(r'name="key" value="(?!k1")[0-9a-f]{32}"', page)
    assert "<textarea" not in page
    assert "92 left after" in page


@pytest.mark.parametrize(
    "sent",
    [
        {"is_plain": ""},
        {"num_images": ["4", "3"]},
        {"shown_model": "starter-fast"},
        {"size": "192x192"},
    ],
    ids=["it showed something", "a button beside it counted", "its settings are on their way", "a size of one's own"],
)
def test_a_form_that_would_look_different_afterwards_comes_whole(sent: dict[str, Any]) -> None:
    asked = {**PLAIN, **sent}
    if not asked["is_plain"]:
        del asked["is_plain"]

    page = words(visitor(make_person()).post(SUBMIT, asked, headers=HTMX))

    assert parts(page) == ["create-form", "balance"]
    assert "a red fox</textarea>" in page


def test_models_of_ones_own_come_with_the_whole_form() -> None:
    model = ready(make_person())

    page = words(visitor(model.owner).post(SUBMIT, {**PLAIN, "lora": str(model.pk)}, headers=HTMX))

    assert parts(page) == ["create-form", "balance"]


def test_only_a_form_without_a_message_or_anything_filled_in_says_that_it_may_stay() -> None:
    user = make_person()
    job = finished(user, num_images=1)
    client = visitor(user)
    says = 'name="is_plain" value="1"'

    assert says in words(client.get("/create/"))
    assert says not in words(client.get("/create/", {"run": str(job.pk)}))
    assert says not in words(client.post(SUBMIT, {**FORM, "steps": "0"}, headers=HTMX))
    assert says not in words(client.post("/create/settings/", PLAIN, headers=HTMX))
    assert says in words(client.post(SUBMIT, FORM, headers=HTMX))


def test_a_double_click_makes_one_run_and_one_charge() -> None:
    user = make_person()
    client = visitor(user)

    client.post(SUBMIT, FORM, headers=HTMX)
    client.post(SUBMIT, FORM, headers=HTMX)

    assert user.jobs.count() == 1
    assert LedgerEntry.objects.filter(wallet__user=user, kind="hold").count() == 1


def test_the_form_of_before_back_sent_again_is_the_same_run_and_a_changed_one_is_another() -> None:
    user = make_person()
    client = visitor(user)
    client.post(SUBMIT, FORM)

    client.post(SUBMIT, FORM)
    assert user.jobs.count() == 1
    client.post(SUBMIT, {**FORM, "prompt": "a blue fox"})
    assert user.jobs.count() == 2


def test_without_javascript_create_comes_back_with_the_run() -> None:
    answer = visitor(make_person()).post(SUBMIT, FORM, follow=True)

    assert answer.redirect_chain == [("/create/", 302)]
    assert "a red fox" in words(answer)


@pytest.mark.parametrize(
    ("field", "value", "words_of_the_error"),
    [
        ("prompt", "", "Describe what you want to see."),
        ("prompt", "x" * 1001, "1001 characters; 1000 is the most"),
        ("num_images", "0", "0 is outside the bounds: pictures go from 1 to 10"),
        ("num_images", "11", "11 is outside the bounds: pictures go from 1 to 10"),
        ("size", "100x100", "The width 100 is off the grid"),
        ("steps", "101", "101 is outside the bounds: steps go from 1 to 100"),
        ("guidance_scale", "nan", "guidance goes from 0 to 20"),
        ("scheduler", "none", "has no scheduler “none”"),
        ("seed", "-1", "“-1” is not a valid seed"),
        ("model", "gone", "There is no model “gone”"),
        ("model", "flux-1-schnell", "FLUX.1 schnell is not installed here"),
        ("negative_prompt", "y" * 1001, "1001 characters; 1000 is the most"),
    ],
)
def test_a_value_out_of_bounds_is_refused_beside_its_field(field: str, value: str, words_of_the_error: str) -> None:
    user = make_person()

    answer = visitor(user).post(SUBMIT, {**FORM, field: value}, headers=HTMX)

    page = words(answer)
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#create-form"
    error = re.search(rf'id="{field}-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    assert error is not None
    assert words_of_the_error in error[1]
    assert 'aria-invalid="true"' in page
    assert not user.jobs.exists()
    assert balance(user) == 100


def test_nothing_typed_is_lost_by_a_refusal() -> None:
    typed = {**FORM, "prompt": "a <b>red</b> fox", "steps": "abc", "seed": "12", "negative_prompt": "owls"}

    page = words(visitor(make_person()).post(SUBMIT, typed, headers=HTMX))

    assert "a &lt;b&gt;red&lt;/b&gt; fox</textarea>" in page
    assert 'value="abc"' in page
    assert 'value="12"' in page
    assert "owls</textarea>" in page
    assert 'name="key" value="k1"' in page
    assert 'id="advanced" open' in page


def test_a_refusal_without_javascript_is_the_whole_page() -> None:
    answer = visitor(make_person()).post(SUBMIT, {**FORM, "prompt": ""})

    assert answer.status_code == 422
    assert "<html" in words(answer)
    assert "Describe what you want to see." in words(answer)


def test_too_few_credits_are_said_beside_the_button() -> None:
    user = make_person(credits=3)

    answer = visitor(user).post(SUBMIT, FORM, headers=HTMX)

    assert answer.status_code == 422
    assert "This costs 4 credits and you have 3. Nothing was sent." in words(answer)
    assert "1 credit missing" in words(answer)
    assert balance(user) == 3


def test_too_many_waiting_runs_are_refused(settings: Settings) -> None:
    settings.JOBS_WAITING_MAX = 1
    user = make_person()
    submit(user)

    answer = visitor(user).post(SUBMIT, {**FORM, "prompt": "another"}, headers=HTMX)

    assert answer.status_code == 422
    assert "You have 1 run waiting; 1 can wait at a time" in words(answer)


def test_the_count_on_the_button_wins_over_the_one_above() -> None:
    user = make_person(credits=3)

    visitor(user).post(SUBMIT, {**FORM, "num_images": ["4", "3"]}, headers=HTMX)

    assert user.jobs.get().num_images == 3


def test_a_form_from_another_site_is_refused() -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(make_person())

    answer = client.post(SUBMIT, FORM)

    assert answer.status_code == 403
    assert "nothing was charged" in words(answer)


@pytest.mark.parametrize(("field", "value"), [("num_images", "11"), ("size", "100x100")])
def test_what_is_refused_of_several_fields_names_its_reason(field: str, value: str) -> None:
    page = words(visitor(make_person()).post(SUBMIT, {**FORM, field: value}))

    assert f'id="{field}" aria-invalid="true" aria-describedby="{field}-error" tabindex="-1"' in page
