"""The policy where words come in: what it refuses, what that costs, what it leaves alone."""

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from pytest_django import DjangoAssertNumQueries

from generation import moderation
from generation.errors import ContentRefused, InvalidParams
from generation.models import Job, ModerationCase
from tests.generation.runs import balance, make_person, submit

pytestmark = pytest.mark.django_db


def test_a_refused_prompt_charges_nothing_and_says_why() -> None:
    user = make_person()

    with pytest.raises(ContentRefused) as refused:
        submit(user, prompt="a n.u.d.e woman")

    (error,) = refused.value.errors
    case = ModerationCase.objects.get()
    assert error.field == "prompt"
    assert "explicit sexual content" in error.message
    assert "“nude”" in error.message
    assert error.link == f"/settings/refusals/{case.pk}/"
    assert (case.category, case.action, case.is_waiting) == ("sexual", "blocked", False)
    assert balance(user) == 100
    assert not Job.objects.exists()


def test_the_same_refusal_again_is_one_case_that_counts() -> None:
    user = make_person()
    for _ in range(3):
        with pytest.raises(InvalidParams):
            submit(user, prompt="A  nude woman")

    assert ModerationCase.objects.get().times == 3


def test_words_are_looked_at_after_alternatives_were_chosen() -> None:
    user = make_person()

    submit(user, prompt="a {red|green|blue} fox", num_images=4)
    with pytest.raises(ContentRefused):
        submit(user, prompt="a {nude|naked} woman", num_images=2)


def test_what_is_left_out_may_name_anything_unless_the_guidance_draws_it() -> None:
    user = make_person()

    submit(user, negative_prompt="nude, nsfw, gore")
    with pytest.raises(ContentRefused):
        submit(user, negative_prompt="nude, nsfw, gore", guidance_scale="0.5")


def test_harmless_words_cost_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_person()
    job = submit(user)
    with django_assert_num_queries(0):
        assert moderation.check_run(user, job) == []


def test_an_operator_may_flag_or_allow_a_category(settings: LazySettings) -> None:
    user = make_person()

    settings.MODERATION = ["sexual:flag"]
    submit(user, prompt="a nude woman")
    case = ModerationCase.objects.get()
    assert (case.action, case.is_waiting, case.job) == ("flagged", True, Job.objects.get())

    settings.MODERATION = ["sexual:allow"]
    submit(user, prompt="another nude woman")
    assert ModerationCase.objects.count() == 1


def test_hints_add_up_to_the_threshold_that_an_operator_sets(settings: LazySettings) -> None:
    user = make_person(credits=500)
    submit(user, prompt="a sexy woman in lingerie")

    settings.MODERATION = ["sexual:block:0.8"]
    with pytest.raises(ContentRefused):
        submit(user, prompt="a sexy woman in lingerie")


@pytest.mark.parametrize("change", ["minors:flag", "minors:block:5", "nonsense:block", "sexual:maybe", "gore:block:x"])
def test_settings_that_make_no_sense_are_refused(change: str, settings: LazySettings) -> None:
    settings.MODERATION = [change]
    with pytest.raises(ImproperlyConfigured):
        moderation.policy()
