from dataclasses import replace

import pytest
from django.conf import LazySettings

from accounts.models import User
from billing import ledger, plans
from billing.models import Plan, Product
from generation import catalog, certificates, licences, lifecycle, params, provenance
from generation.models import Image, Job, JobInput, Licence
from tests.factories import make_user
from tests.generation.pictures import draw, put_on, stored
from tests.generation.runs import claim, finished, make_person, submit
from tests.generation.uploads import brought, masked

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("plan", "model", "licence"),
    [
        ("free", "starter", Licence.PERSONAL),
        ("starter", "starter", Licence.COMMERCIAL),
        ("pro", "stable-diffusion-1-5", Licence.COMMERCIAL),
        ("studio", "sdxl-turbo", Licence.PERSONAL),  # Stability AI Community
        ("free", "sdxl-turbo", Licence.PERSONAL),
        ("studio", "withdrawn-long-ago", Licence.PERSONAL),
    ],
)
def test_commercial_use_needs_a_plan_and_a_model_that_allow_it(plan: str, model: str, licence: Licence) -> None:
    user = make_person()
    put_on(user, plan)

    terms = licences.terms_now(user.pk, model)

    assert (terms.licence, terms.plan, terms.is_commercial) == (licence, plan, licence == Licence.COMMERCIAL)


def test_who_has_no_wallet_yet_is_on_the_free_plan() -> None:
    plans.seed()
    user = make_user()

    assert licences.terms_now(user.pk, "starter").plan == "free"


def test_each_case_says_what_it_means_and_what_to_do() -> None:
    user = make_person()
    put_on(user, "free")
    free, turbo = licences.terms_now(user.pk, "starter"), licences.terms_now(user.pk, "sdxl-turbo")
    put_on(user, "pro")
    pro = licences.terms_now(user.pk, "starter")

    assert (free.title, free.reason) == ("Personal use", "Made on the Free plan.")
    assert "choose a plan and make it again" in free.way_on
    assert turbo.reason == "The licence of SDXL Turbo allows no commercial use, whatever the plan."
    assert "another model" in turbo.way_on
    assert turbo.reason in turbo.grant
    assert (pro.title, pro.reason, pro.way_on) == ("Commercial use", "Made on the Pro plan.", "")


def test_a_row_says_later_what_was_written_on_it() -> None:
    user = make_person()
    put_on(user, "pro")
    image = draw(user)
    plans.put_on(ledger.wallet_of(user), plans.free())
    Plan.objects.filter(pk="pro").update(is_commercial=False)

    terms = licences.terms_of(Image.objects.get(pk=image.pk))

    assert (terms.is_commercial, terms.plan_name, terms.model_licence) == (True, "Pro", catalog.MIT)


def test_a_row_older_than_the_column_names_the_licence_of_its_model() -> None:
    image = finished(make_person(), num_images=1).images.get()

    assert (image.model_licence, licences.terms_of(image).model_licence) == ("", catalog.MIT)


@pytest.mark.parametrize(
    ("test_shop", "key", "is_test"),
    [(True, "sk_test_own", True), (False, "sk_test_1", True), (False, "sk_live_1", False), (False, "", False)],
)
def test_what_no_real_money_bought_is_marked(settings: LazySettings, test_shop: bool, key: str, is_test: bool) -> None:
    settings.TEST_SHOP, settings.STRIPE_SECRET_KEY = test_shop, key

    assert licences.is_test() is is_test


# --- The API ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("is_test", "licence", "plan"), [(False, "commercial", "api"), (True, "personal", "api-test")])
def test_the_api_is_paid_for_by_itself_and_a_test_key_pays_nothing(is_test: bool, licence: str, plan: str) -> None:
    job = Job(user=make_user(), served_by="starter", product=Product.API, is_test=is_test)
    terms = licences.terms_for(job)
    assert (terms.licence, terms.plan) == (licence, plan)
    assert "API" in terms.plan_kind


def test_a_picture_of_a_live_key_speaks_of_no_plan() -> None:
    terms = licences.terms_for(Job(user=make_user(), served_by="starter", product=Product.API))

    assert terms.reason == "Made through the API, paid with API credits."
    assert terms.meaning.endswith("That stays so.")
    assert terms.grant.endswith("Made through the API, paid with API credits. That stays so.")
    for words in (terms.reason, terms.meaning, terms.grant, provenance.in_words(terms)):
        assert " plan" not in words
    assert "with a test key of the API: no commercial use" in provenance.in_words(
        licences.terms_for(Job(user=make_user(), served_by="starter", product=Product.API, is_test=True))
    )


@pytest.mark.parametrize("is_test", [False, True])
def test_who_pays_by_credits_of_the_api_is_sent_to_a_live_key_and_to_no_plan(is_test: bool) -> None:
    def made(model: str) -> licences.Terms:
        return licences.terms_for(Job(user=make_user(), served_by=model, product=Product.API, is_test=is_test))

    turbo = made("sdxl-turbo")
    from_personal = replace(made("starter"), is_from_personal=True, licence=Licence.PERSONAL)

    assert turbo.reason == "The licence of SDXL Turbo allows no commercial use, whatever the key."
    assert turbo.way_on == "For commercial use, make a picture with another model and a live key."
    assert "make the picture that it came from again with a live key" in from_personal.way_on
    for terms in (turbo, from_personal, replace(made("starter"), licence=Licence.PERSONAL)):
        assert "live key" in terms.way_on
        for words in (terms.way_on, terms.reason, terms.grant):
            assert " plan" not in words


# --- What is made from other pictures (ADR 13) ----------------------------------------------------------------------


def made_from(user: User, task: str, plan: str, **pictures: str) -> Image:
    """Return a picture that this person makes from others, on a plan."""
    put_on(user, plan)
    edited = params.parse(task, {"prompt": "a red fox", **pictures}, user)
    lifecycle.submit(user, edited, key=f"{task}{plan}{pictures}")
    return stored(claim().jobs[0])


def ref(image: Image) -> str:
    return f"image:{image.pk}"


def test_a_paid_plan_frees_nothing_that_was_made_from_a_picture_of_personal_use() -> None:
    user = make_person()
    put_on(user, "free")
    free = draw(user)

    varied = made_from(user, "variations", "pro", image=ref(free))
    enlarged = made_from(user, "upscale", "pro", image=ref(varied))

    assert (varied.licence, enlarged.licence) == (Licence.PERSONAL, Licence.PERSONAL)
    terms = licences.terms_of(enlarged)
    assert "made from a picture that is for personal use" in terms.reason
    assert terms.reason in terms.grant
    assert "make the picture that it came from again on a paid plan" in terms.way_on
    assert terms.plan_name == "Pro"


def test_a_model_that_forbids_it_forbids_it_in_all_that_comes_of_its_pictures() -> None:
    user = make_person()
    put_on(user, "pro")
    submit(user)
    Job.objects.update(served_by="sdxl-turbo")
    turbo = stored(claim().jobs[0])
    assert turbo.licence == Licence.PERSONAL

    enlarged = made_from(user, "upscale", "pro", image=ref(turbo))

    assert (enlarged.job.served_by, enlarged.licence) == ("starter-upscaler", Licence.PERSONAL)


def test_what_comes_of_commercial_pictures_alone_is_commercial() -> None:
    user = make_person()
    put_on(user, "pro")
    one, two = draw(user), draw(user, seed=8)
    both = made_from(user, "blend", "pro", images=f"{ref(one)},{ref(two)}")
    personal = finished(user, num_images=1).images.get()

    varied = made_from(user, "variations", "pro", image=ref(one))
    assert varied.licence == both.licence == Licence.COMMERCIAL
    assert licences.terms_of(varied).caveat == ""
    blended = made_from(user, "blend", "pro", images=f"{ref(one)},{ref(personal)}")
    assert blended.licence == Licence.PERSONAL


def test_on_the_free_plan_the_result_is_personal_whatever_it_came_of() -> None:
    user = make_person()
    put_on(user, "pro")
    varied = made_from(user, "variations", "free", image=ref(draw(user)))
    assert varied.licence == Licence.PERSONAL
    assert licences.terms_of(varied).reason == "Made on the Free plan."


def test_nothing_is_said_of_the_rights_in_what_was_brought_along() -> None:
    user = make_person()
    cut = made_from(user, "remove-background", "pro", image=brought(user).reference)
    mask = masked(user, 96, 96, (10, 10, 40, 40))
    painted = made_from(user, "inpaint", "pro", image=ref(draw(user)), mask=mask.reference)

    terms = licences.terms_of(cut)
    assert terms.is_commercial
    assert "brought along" in terms.caveat
    assert terms.caveat in terms.grant
    assert terms.caveat in provenance.in_words(terms)
    assert certificates.issue(cut).facts["licence"]["grant"].endswith(terms.caveat)
    # A mask is no picture whose rights anybody asks about.
    assert licences.terms_of(painted).caveat == ""


def test_the_answer_stays_when_the_picture_it_came_of_is_gone() -> None:
    user = make_person()
    put_on(user, "free")
    varied = made_from(user, "variations", "pro", image=ref(draw(user)))
    JobInput.objects.filter(job=varied.job).update(image=None)

    assert "personal use" in licences.terms_of(varied).reason


def test_a_picture_of_a_test_shop_counts_as_personal_in_a_real_one(settings: LazySettings) -> None:
    user = make_person()
    settings.TEST_SHOP = True
    put_on(user, "pro")
    bought = draw(user)
    inside = made_from(user, "variations", "pro", image=ref(bought))
    settings.TEST_SHOP = False

    assert inside.licence == Licence.COMMERCIAL
    assert made_from(user, "upscale", "pro", image=ref(bought)).licence == Licence.PERSONAL
