from dataclasses import replace
from fractions import Fraction
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts import api_keys
from accounts.models import User
from generation import catalog, custom_models, lifecycle, once_more, params, pricing, uploads
from generation.models import Job, ModelAlias, Upload
from generation.once_more import Offer
from generation.orders import Order
from tests.generation.params.test_edit import NEED_MODELS, values_for
from tests.generation.runs import make_person, submit
from tests.generation.trained import ready
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db


def offer_of(job: Job) -> Offer:
    return once_more.offers_of([Job.objects.get(pk=job.pk)], job.user)[job.pk]


def edit(user: User, task: str) -> Job:
    return lifecycle.submit(user, params.parse(task, values_for(task, user), user), key=uuid4().hex)


def test_a_run_by_a_test_key_cost_nothing_and_is_charged_now() -> None:
    user = make_person()
    wanted = params.parse("text-to-image", {"prompt": "a red fox", "num_images": 2}, user)
    key = api_keys.create(user, "Test", is_test=True)[0]
    job = lifecycle.place(Order(user, wanted, pricing.quote(wanted), "starter", uuid4().hex, api_key=key))
    assert job.credits == 0

    assert offer_of(job) == Offer(2)


def test_an_alias_that_leads_to_a_dearer_model_costs_what_that_does(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    dear = replace(catalog.MODELS["starter"], slug="dear", price_weight=Fraction(3))
    monkeypatch.setitem(catalog.MODELS, "dear", dear)
    with django_capture_on_commit_callbacks(execute=True):
        alias = ModelAlias.objects.create(slug="dream", target="starter")
    job = submit(make_person(), model="dream", num_images=2)
    assert (job.credits, offer_of(job)) == (2, Offer(2))

    with django_capture_on_commit_callbacks(execute=True):
        alias.target = "dear"
        alias.save()

    assert offer_of(job) == Offer(6)
    again = lifecycle.submit(job.user, once_more.params_of(job, job.user), key="k")
    assert again.credits == 6


@pytest.mark.parametrize("task", sorted(params.EDITS.keys() - NEED_MODELS))
def test_what_is_offered_is_what_the_press_is_charged(task: str) -> None:
    job = edit(make_person(credits=1000), task)

    offer = offer_of(job)

    assert offer == Offer(job.credits)
    assert lifecycle.submit(job.user, once_more.params_of(job, job.user), key="k").credits == offer.credits


def test_where_the_model_is_gone_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    job = submit(make_person())
    others = {slug: model for slug, model in catalog.MODELS.items() if slug != "starter"}
    monkeypatch.setattr(catalog, "MODELS", others)

    offer = offer_of(job)

    assert offer.credits is None
    assert "There is no model “starter”." in offer.refusal


def test_where_the_picture_is_gone_it_says_what_the_press_would() -> None:
    user = make_person()
    upload = brought(user)
    wanted = params.parse("upscale", {"image": upload.reference}, user)
    job = lifecycle.submit(user, wanted, key="k")
    lifecycle.cancel(job)
    uploads.delete(upload)

    assert offer_of(job) == Offer(None, "This picture is not there: it was deleted, or is not yours. Choose another.")


def test_runs_whose_pictures_are_gone_are_priced_with_two_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_person(credits=1000)
    jobs = [edit(user, task) for task in ("inpaint", "blend", "upscale")]
    for job in jobs:
        lifecycle.cancel(job)
    for upload in Upload.objects.visible_to(user):
        uploads.delete(upload)

    with django_assert_num_queries(1):
        offers = once_more.offers_of(jobs, user)

    gone = "This picture is not there: it was deleted, or is not yours. Choose another."
    assert set(offers.values()) == {Offer(None, gone)}


def test_a_model_of_ones_own_changes_no_price_until_it_is_gone() -> None:
    user = make_person()
    model = ready(user)
    job = submit(user, model="starter", loras=str(model.pk))
    assert offer_of(job) == Offer(job.credits)

    custom_models.delete(model)

    assert offer_of(job) == Offer(None, "“My toy” was deleted. Choose another.")


def test_many_runs_are_priced_with_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_person(credits=1000)
    model = ready(user)
    for task in ("inpaint", "blend", "upscale"):
        edit(user, task)
    picture = edit(user, "variations").params["pictures"][0]["picture"]
    for seed in range(3):
        values = {"prompt": "a fox", "image": picture, "seed": seed, "model": "starter", "loras": str(model.pk)}
        lifecycle.submit(user, params.parse("image-to-image", values, user), key=str(seed))
    jobs = list(Job.objects.visible_to(user))
    once_more.offers_of(jobs, user)  # what is kept in memory is read by now

    with django_assert_num_queries(2):
        offers = once_more.offers_of(jobs, user)

    assert all(offer.credits for offer in offers.values())
