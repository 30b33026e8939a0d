"""The pricing page: figures of the rows, one button a plan, no script needed."""

import re

import pytest
from django.conf import LazySettings
from django.core import mail

from billing.models import FREE, Plan
from generation.catalog import OPEN_RAIL_M
from tests.billing.subscribers import make_subscription
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/pricing/"


@pytest.fixture(autouse=True)
def _shop_is_open(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_of_a_shop_not_asked"


def test_everybody_sees_the_plans_as_their_rows_say() -> None:
    Plan.objects.filter(pk="pro").update(month_cents=4200, monthly_credits=21000, jobs_at_once=5)
    page = words(visitor().get(PAGE))
    assert "$42" in page
    assert "21,000 credits a month" in page
    assert "5 runs at the same time" in page


def test_the_year_is_an_address_and_says_what_it_saves() -> None:
    page = words(visitor().get(PAGE, {"by": "year"}))
    assert "$8.33" in page
    assert "$100 each year" in page
    assert "saves $20" in page
    assert re.search(r'href="\?by=year" aria-current="true"', page)


def test_commercial_use_is_marked_with_its_licence() -> None:
    page = words(visitor().get(PAGE))
    assert page.count("Commercial use") == 3
    assert f'href="{OPEN_RAIL_M.url}"' in page
    assert OPEN_RAIL_M.name in page
    assert "Personal use" in page


def test_the_api_is_clearly_another_product() -> None:
    page = words(visitor().get(PAGE))
    assert "a subscription does not include API access" in page
    assert 'href="/pricing/api/"' in page


def test_who_is_not_signed_in_signs_up_and_lands_on_the_choice() -> None:
    page = words(visitor().get(PAGE))
    address = "/accounts/signup/?next=/settings/billing/plan/%3Fplan%3Dpro%26interval%3Dmonth"
    assert f'href="{address}"' in page
    form = {"email": "ada@example.com", "password1": "a long enough secret", "time_zone": "UTC"}
    response = visitor().post(address, {**form, "next": "/settings/billing/plan/?plan=pro&interval=month"})
    assert response["Location"] == "/settings/billing/plan/?plan=pro&interval=month"


def test_ones_own_plan_is_marked_and_no_strangers() -> None:
    user = make_user()
    make_subscription(user, "pro")
    own = words(visitor(user).get(PAGE))
    assert own.count("plan-current") == 1
    assert "Change to Studio" in own
    assert "Cancel Pro" in own
    strange = words(visitor(make_user()).get(PAGE))
    assert "Choose Pro" in strange
    assert "Cancel Pro" not in strange


def test_a_button_is_a_form_with_a_key_of_its_own() -> None:
    page = words(visitor(make_user()).get(PAGE))
    keys = re.findall(r'name="form_key" value="(\w+)"', page)
    assert len(keys) == len(set(keys)) == 3  # packs are for paying people


def test_without_a_shop_the_page_stays_calm(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    page = words(visitor(make_user()).get(PAGE))
    assert "Payments are not set up on this site yet" in page
    assert "<form" not in page.partition("<main")[2].partition("</main")[0]


def test_who_left_the_checkout_reads_that_nothing_was_charged() -> None:
    assert "Nothing was charged" in words(visitor().get(PAGE, {"back": "1"}))
    assert "Nothing was charged" not in words(visitor().get(PAGE))


def test_the_page_is_only_read() -> None:
    assert visitor().post(PAGE).status_code == 405


def test_only_a_test_shop_is_marked_on_every_page(settings: LazySettings) -> None:
    assert "Test shop" not in words(visitor().get(PAGE))
    settings.TEST_SHOP = True
    operator = make_user(is_staff=True)
    for client in (visitor(), visitor(make_user()), visitor(operator)):
        for path in (PAGE, "/", "/faq/"):
            assert "4242 4242 4242 4242" in words(client.get(path))
    assert 'href="/test-shop/"' in words(visitor(operator).get(PAGE))
    assert 'href="/test-shop/"' not in words(visitor(make_user()).get(PAGE))


def test_who_must_confirm_an_address_first_still_lands_on_the_choice(settings: LazySettings) -> None:
    settings.EMAIL_VERIFICATION_REQUIRED = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
    choice = "/settings/billing/plan/?plan=pro&interval=year"
    client = visitor()
    form = {"email": "ada@example.com", "password1": "a long enough secret", "time_zone": "UTC", "next": choice}
    confirm_page = client.post("/accounts/signup/", form)["Location"]
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code is not None
    assert client.post(confirm_page, {"code": code[1]})["Location"] == choice


@pytest.mark.parametrize("page", ["/pricing/", "/accounts/signup/"])
def test_free_credits_are_promised_as_they_come(settings: LazySettings, page: str) -> None:
    settings.EMAIL_VERIFICATION_REQUIRED = False
    assert "confirmed your address" not in words(visitor().get(page))

    settings.EMAIL_VERIFICATION_REQUIRED = True
    assert "confirmed your address" in words(visitor().get(page))

    Plan.objects.filter(pk=FREE).update(monthly_credits=0)
    told = words(visitor().get(page))
    assert "This site gives no free credits" in told
    assert "0 credits" not in told.partition("Good to know")[2]


def test_commercial_use_names_each_models_licence() -> None:
    told = words(visitor().get("/pricing/"))
    assert "within each model’s licence, such as the" in told
    assert "CreativeML Open RAIL-M" in told
    assert "one press" not in told
