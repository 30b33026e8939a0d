import pytest
from django.conf import LazySettings

from billing import ledger, plans
from billing.models import Plan, Product
from generation import catalog, licences
from generation.models import Image, Job, Licence
from tests.factories import make_user
from tests.generation.pictures import draw, put_on
from tests.generation.runs import finished, make_person

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
