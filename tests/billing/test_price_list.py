"""What is for sale, and the one thing each reader can do with it."""

import pytest
from django.conf import LazySettings
from django.utils import timezone

from accounts.models import User
from billing import ledger, plans
from billing.models import Pack, Plan, Product, Subscription
from billing.price_list import Deed, pack_offers, price_list
from tests.billing.subscribers import make_subscription, plan
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop_is_open(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_of_a_shop_not_asked"


def deeds(reader: User | None, interval: str = "month") -> dict[str, str]:
    return {offer.plan.pk: offer.deed.value for offer in price_list(reader, interval).plans}


def test_prices_are_those_of_the_rows() -> None:
    Plan.objects.filter(pk="pro").update(month_cents=4000, year_cents=36000, monthly_credits=20000)
    pro = {offer.plan.pk: offer for offer in price_list(None, "month").plans}["pro"]
    assert (pro.cents, pro.month_cents, pro.thousand_cents, pro.saved_cents) == (4000, 4000, 200, 12000)
    pro = {offer.plan.pk: offer for offer in price_list(None, "year").plans}["pro"]
    assert (pro.cents, pro.month_cents, pro.thousand_cents) == (36000, 3000, 150)
    assert pro.query == "plan=pro&interval=year"


def test_the_months_that_are_free_hold_for_every_plan() -> None:
    assert price_list(None).months_free == 2
    Plan.objects.filter(pk="pro").update(year_cents=33000)
    assert price_list(None).months_free == 1
    Plan.objects.filter(pk="pro").update(year_cents=40000)
    assert price_list(None).months_free == 0


def test_whoever_is_not_signed_in_signs_up() -> None:
    assert set(deeds(None).values()) == {Deed.SIGN_UP}


def test_without_a_shop_only_what_is_free_can_be_had(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    closed = dict.fromkeys(("starter", "pro", "studio"), "closed")
    assert deeds(None) == {"free": "sign_up", **closed}
    assert deeds(make_user()) == {"free": "current", **closed}
    assert {offer.deed for offer in pack_offers(make_user(), Product.API)} == {Deed.CLOSED}


def test_who_has_no_plan_buys_one() -> None:
    assert deeds(make_user()) == {"free": "current", "starter": "buy", "pro": "buy", "studio": "buy"}


def test_who_has_a_plan_changes_it() -> None:
    user = make_user()
    make_subscription(user, "pro", "month")
    assert deeds(user) == {"free": "leave", "starter": "change", "pro": "current", "studio": "change"}
    assert deeds(user, "year")["pro"] == Deed.CHANGE


def test_the_page_opens_with_the_interval_one_pays_by() -> None:
    user = make_user()
    make_subscription(user, "pro", "year")
    assert price_list(user).interval == "year"
    assert price_list(user, "month").interval == "month"
    assert price_list(make_user(), "decade").interval == "month"


def test_a_cancelled_plan_can_be_kept_and_the_free_one_follows() -> None:
    user = make_user()
    make_subscription(user, "pro", cancels_at_period_end=True)
    found = deeds(user)
    assert (found["free"], found["pro"], found["studio"]) == ("follows", "keep", "change")


def test_a_change_that_waits_is_marked_where_it_leads() -> None:
    user = make_user()
    make_subscription(user, "pro", next_plan=plan("starter"), next_interval="month")
    assert (deeds(user)["starter"], deeds(user)["pro"]) == ("follows", "keep")


def test_a_plan_from_the_team_leaves_the_others_for_sale() -> None:
    user = make_user()
    plans.put_on(ledger.wallet_of(user), plan("studio"))
    assert deeds(user) == {"free": "none", "starter": "buy", "pro": "buy", "studio": "current"}


def test_who_has_a_plan_that_is_no_longer_offered_sees_it() -> None:
    user = make_user()
    make_subscription(user, "pro")
    Plan.objects.filter(pk="pro").update(is_offered=False)
    assert deeds(user)["pro"] == Deed.CURRENT
    assert "pro" not in deeds(make_user())


def test_a_payment_that_failed_is_made_good_before_anything_else() -> None:
    user = make_user()
    make_subscription(user, "pro", status=Subscription.Status.PAST_DUE, past_due_since=timezone.now())
    assert deeds(user)["pro"] == Deed.PAY


def test_packs_of_the_site_need_a_plan_and_those_of_the_api_do_not() -> None:
    free, paying = make_user(), make_user()
    make_subscription(paying, "starter")
    assert {offer.deed for offer in pack_offers(None, Product.SITE)} == {Deed.NEEDS_PLAN}
    assert {offer.deed for offer in pack_offers(free, Product.SITE)} == {Deed.NEEDS_PLAN}
    assert {offer.deed for offer in pack_offers(paying, Product.SITE)} == {Deed.BUY}
    assert {offer.deed for offer in pack_offers(None, Product.API)} == {Deed.SIGN_UP}
    assert {offer.deed for offer in pack_offers(free, Product.API)} == {Deed.BUY}


def test_packs_that_are_not_offered_are_not_listed() -> None:
    Pack.objects.filter(pk="site-1000").update(is_offered=False)
    assert [offer.pack.pk for offer in pack_offers(None, Product.SITE)] == ["site-5000", "site-20000"]
    assert [offer.thousand_cents for offer in pack_offers(None, Product.SITE)] == [400, 300]
