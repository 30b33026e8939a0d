"""Changing the plan: said first, done then."""

from uuid import uuid4

import pytest
from django.contrib.messages import get_messages

from accounts.models import User
from billing import plan_outlook, plans, purchases, subscriptions
from billing.errors import PriceChanged
from billing.models import Payment, Plan
from billing.purchases import Offer
from tests.billing import till
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]

PAGE = "/settings/billing/change/"
CHOICE = {"plan": "pro", "interval": "month"}


def form(user: User, **changes: str) -> dict[str, str]:
    """Return what the page's form sends that this person sees now."""
    choice = {**CHOICE, **changes}
    seen = str(plan_outlook.change_of(user, till.plan(choice["plan"]), choice["interval"]).offer)
    return {**choice, "form_key": str(uuid4()), "seen": seen}


def raise_price(cents: int = 3300) -> None:
    """Change the price of the Pro plan by the month as the admin does, and tell the shop."""
    Plan.objects.filter(pk="pro").update(month_cents=cents, month_price_id="")
    plans.sync()


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE, CHOICE), "/settings/billing/change/%3Fplan%3Dpro%26interval%3Dmonth")


def test_an_upgrade_is_paid_and_in_force_at_once(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    client, sent = visitor(user), form(user)
    page = words(client.get(PAGE, CHOICE))
    assert f'name="seen" value="{sent["seen"]}"' in page
    assert "Pay $20 and change" in page
    assert "12,000 credits come at once" in page
    assert client.post(PAGE, sent)["Location"] == "/settings/billing/"
    client.post(PAGE, sent)
    assert till.where(user) == ("pro", 15000)


def test_a_downgrade_says_from_when_and_changes_nothing_yet(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "pro")
    client = visitor(user)
    choice = {"plan": "starter", "interval": "month"}
    assert "Nothing is due today" in words(client.get(PAGE, choice))
    response = client.post(PAGE, form(user, **choice))
    assert "Starter follows on" in str(next(iter(get_messages(response.wsgi_request))))
    assert plans.plan_of(user).pk == "pro"
    found = subscriptions.running_of(user)
    assert found is not None
    assert found.next_plan_id == "starter"


def test_a_declined_card_has_the_shops_words_and_changes_nothing(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter", card=counter.FAILS_LATER)
    response = visitor(user).post(PAGE, form(user))
    assert response.status_code == 422
    assert "The card was declined" in words(response)
    assert "Change my card" in words(response)
    assert till.where(user) == ("starter", 3000)


def test_a_bank_that_asks_is_answered_on_its_own_page(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter", card=counter.ALWAYS_ASKS)
    response = visitor(user).post(PAGE, form(user))
    assert "Confirm with my bank" in words(response)
    assert f"{gateway_shop.url}/invoice/" in words(response)
    assert plans.plan_of(user).pk == "starter"
    again = words(visitor(user).get(PAGE, CHOICE))  # one change after the other
    assert "Confirm with my bank" in again
    assert "Due today" not in again


def test_while_the_shop_is_away_the_same_form_can_be_sent_again(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    client, sent = visitor(user), form(user)
    gateway_shop.control("weather", down=True)
    assert client.get(PAGE, CHOICE).status_code == 503
    response = client.post(PAGE, sent)
    assert response.status_code == 503
    assert sent["form_key"] in words(response)
    assert sent["seen"] in words(response)
    gateway_shop.control("weather")
    client.post(PAGE, sent)
    assert plans.plan_of(user).pk == "pro"


def test_a_cancelled_plan_chosen_again_goes_on(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "pro")
    purchases.cancel(user)
    client = visitor(user)
    assert "Keep Pro" in words(client.get(PAGE, CHOICE))
    client.post(PAGE, form(user))
    found = subscriptions.running_of(user)
    assert found is not None
    assert not found.cancels_at_period_end


def test_the_plan_one_has_leads_back(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "pro")
    assert visitor(user).get(PAGE, CHOICE)["Location"] == "/settings/billing/"


def test_a_stranger_has_nothing_to_change_and_starts_instead(gateway_shop: OpenShop) -> None:
    owner, stranger = make_user(), make_user()
    till.subscribe(gateway_shop, owner, "starter")
    for response in (visitor(stranger).get(PAGE, CHOICE), visitor(stranger).post(PAGE, form(owner))):
        assert response["Location"] == "/settings/billing/plan/?plan=pro&interval=month"
    assert plans.plan_of(owner).pk == "starter"


def test_what_is_not_for_sale_leads_back_to_what_is() -> None:
    assert visitor(make_user()).post(PAGE, {**CHOICE, "plan": "gold"})["Location"] == "/pricing/"


def test_a_price_that_has_changed_since_is_shown_before_it_is_paid(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    client, sent = visitor(user), form(user)
    raise_price()
    response = client.post(PAGE, sent)
    assert response.status_code == 422
    assert "Nothing was charged: this is how it is now." in words(response)
    assert "Pay $23 and change" in words(response)
    assert (till.where(user), Payment.objects.count()) == (("starter", 3000), 1)
    shown = {name: str(response.context[name]) for name in ("form_key", "seen")}
    client.post(PAGE, {**CHOICE, **shown})
    assert Payment.objects.filter(plan="pro").get().amount_cents == 2300


def test_a_price_that_changes_while_the_shop_is_asked_is_not_paid_either(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    sent, stale = form(user), till.plan("pro")
    raise_price()
    with pytest.raises(PriceChanged):
        purchases.change_plan(user, stale, "month", form_key=uuid4(), seen=Offer.read(sent["seen"]))
    assert till.where(user) == ("starter", 3000)


@pytest.mark.parametrize("change", [{"month_cents": 900, "month_price_id": ""}, {"monthly_credits": 2000}])
def test_a_change_that_waits_is_as_it_was_seen_too(gateway_shop: OpenShop, change: dict[str, object]) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "pro")
    sent = form(user, plan="starter")
    Plan.objects.filter(pk="starter").update(**change)
    assert visitor(user).post(PAGE, sent).status_code == 422
    found = subscriptions.running_of(user)
    assert found is not None
    assert found.next_plan_id is None
    assert visitor(user).post(PAGE, form(user, plan="starter")).status_code == 302


@pytest.mark.parametrize(("seconds", "status"), [(1800, 302), (86_400, 422)])
def test_what_time_takes_off_the_old_plan_counts_once_it_is_more_than_cents(
    gateway_shop: OpenShop, seconds: int, status: int
) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    sent = form(user)
    gateway_shop.advance(seconds=seconds)
    assert visitor(user).post(PAGE, sent).status_code == status


@pytest.mark.parametrize("seen", ["", "3000:usd:15000", "x", "3000:usd:15000:-5"])
def test_a_form_that_says_no_sum_is_shown_it_first(gateway_shop: OpenShop, seen: str) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    assert visitor(user).post(PAGE, {**form(user), "seen": seen}).status_code == 422
    assert till.where(user) == ("starter", 3000)
