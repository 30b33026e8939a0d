"""What the API costs."""

import re

import pytest
from django.conf import LazySettings

from accounts import test_allowance
from billing.models import Pack, Product
from tests.factories import make_user, make_wallet
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/pricing/api/"


@pytest.fixture(autouse=True)
def _shop_is_open(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_of_a_shop_not_asked"


def test_the_packs_are_those_of_the_rows() -> None:
    Pack.objects.filter(product="api").delete()
    Pack.objects.create(slug="api-7", name="API", product="api", credits=7000, price_cents=2100)
    page = words(visitor().get(PAGE))
    assert "7,000" in page
    assert "$21" in page
    assert "$3 per 1,000" in page
    assert "/accounts/signup/?next=/settings/billing/pack/%3Fpack%3Dapi-7" in page


def test_a_subscription_does_not_include_it() -> None:
    assert "A subscription does not include API access" in words(visitor().get(PAGE))


def test_people_see_their_own_wallet_and_buy_without_a_plan() -> None:
    owner = make_wallet(1234, product=Product.API).user
    page = words(visitor(owner).get(PAGE))
    assert "Your API wallet holds 1,234 credits." in page
    assert 'action="/settings/billing/pack/"' in page
    assert "Your API wallet holds 0 credits." in words(visitor(make_user()).get(PAGE))


def test_without_packs_or_a_shop_nothing_is_for_sale(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert 'action="/settings/billing/pack/"' not in words(visitor(make_user()).get(PAGE))
    Pack.objects.filter(product="api").delete()
    assert "Nothing is for sale" in words(visitor().get(PAGE))


def test_results_are_kept_for_what_the_setting_says(settings: LazySettings) -> None:
    settings.API_RETENTION_DAYS = 12
    assert "For 12 days." in words(visitor().get(PAGE))


def test_who_left_the_checkout_reads_that_nothing_was_charged() -> None:
    assert "Nothing was charged" in words(visitor().get(PAGE, {"back": "1"}))


def test_it_says_where_the_keys_are_and_what_happens_without_credits() -> None:
    page = words(visitor().get(PAGE))
    assert 'href="/settings/api-keys/"' in page
    assert "automatic top-up" in page


def test_each_model_and_tool_has_its_price() -> None:
    told = " ".join(re.sub(r"<[^>]+>", " ", words(visitor().get(PAGE))).split())
    assert "Starter from text, 128 × 128 1 credit a picture" in told
    assert re.search(r"Upscale × 4 of a picture of \d+ × \d+ 4 credits a picture", told)
    assert re.search(r"Remove background of a picture of \d+ × \d+ 1 credit a picture", told)
    assert "Image to video of the model’s own length 12 credits a video" in told


def test_the_way_to_the_keys_is_there() -> None:
    assert 'href="/settings/api-keys/"' in visitor().get(PAGE).content.decode()


def test_it_says_how_many_pictures_a_test_key_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_allowance, "PICTURES_A_DAY", 7)
    assert "cost nothing at all; an account may order 7 of them a day" in words(visitor().get(PAGE))
