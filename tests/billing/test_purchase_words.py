"""What is said after a purchase."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from billing import ledger, purchase_words
from billing.models import Pack, Payment, Plan, Subscription
from billing.payment_facts import CheckoutFacts, LineFacts
from tests.billing.subscribers import make_subscription, plan
from tests.factories import make_user

pytestmark = pytest.mark.django_db

CHECKOUT = CheckoutFacts(
    id="cs_1",
    mode="payment",
    status="complete",
    is_paid=True,
    customer_id="cus_1",
    client_reference_id="",
    subscription_id="",
    invoice_id="in_1",
    payment_intent_id="",
    amount_cents=500,
    currency="usd",
    lines=(),
    created_at=datetime(2027, 3, 1, tzinfo=UTC),
)


def line(price_id: str) -> LineFacts:
    return LineFacts(price_id=price_id, key="", quantity=1, amount_cents=500)


def make_plan_payment(subscription: Subscription, months: int) -> Payment:
    """Write what was paid by the checkout's invoice, for so many months."""
    return Payment.objects.create(
        payment_id=CHECKOUT.invoice_id,
        wallet=ledger.wallet_of(subscription.user),
        kind=Payment.Kind.PLAN,
        subscription=subscription,
        plan=subscription.plan,
        months=months,
        month_credits=2900,
        amount_cents=500,
        paid_at=CHECKOUT.created_at,
    )


def test_a_plan_is_welcomed_with_its_credits() -> None:
    Plan.objects.filter(pk="starter").update(month_price_id="price_s")
    thanks = purchase_words.thanks_for(replace(CHECKOUT, lines=(line("price_s"),)))
    assert thanks.text == "Welcome to Starter: 3,000 credits a month, the free ones among them."
    assert thanks.page == "billing:settings"


def test_a_pack_is_thanked_for_where_it_is_seen() -> None:
    Pack.objects.filter(pk="site-1000").update(price_id="price_p")
    Pack.objects.create(slug="api-1", name="API", product="api", credits=2500, price_cents=1000, price_id="price_a")
    site = purchase_words.thanks_for(replace(CHECKOUT, lines=(line("price_p"),)))
    api = purchase_words.thanks_for(replace(CHECKOUT, lines=(line("price_a"),)))
    assert (site.text, site.page) == ("Thank you. 1,000 credits are here.", "billing:settings")
    assert (api.text, api.page) == ("Thank you. 2,500 credits are here, in your API wallet.", "pricing_api")


def test_nothing_is_promised_before_it_is_paid() -> None:
    assert "still has to confirm" in purchase_words.thanks_for(replace(CHECKOUT, is_paid=False)).text
    assert "Nothing was charged" in purchase_words.thanks_for(replace(CHECKOUT, status="expired", is_paid=False)).text
    assert purchase_words.thanks_for(CHECKOUT).text == "Thank you. Your payment has arrived."


def test_what_came_for_another_amount_is_not_welcomed() -> None:
    Plan.objects.filter(pk="starter").update(month_price_id="price_s")
    payment = make_plan_payment(make_subscription(make_user(), "starter"), months=0)
    checkout = replace(CHECKOUT, lines=(line("price_s"),))
    assert "its amount does not fit" in purchase_words.thanks_for(checkout).text
    Payment.objects.filter(pk=payment.pk).update(months=1)
    assert "Welcome to Starter" in purchase_words.thanks_for(checkout).text


def test_a_plan_that_was_bought_twice_says_that_the_money_goes_back() -> None:
    Plan.objects.filter(pk="starter").update(month_price_id="price_s")
    make_plan_payment(make_subscription(make_user(), "starter", is_duplicate=True), months=0)
    thanks = purchase_words.thanks_for(replace(CHECKOUT, lines=(line("price_s"),)))
    assert "this second one has ended, and its money goes back" in thanks.text


def test_a_change_says_when_it_counts() -> None:
    ends = datetime(2027, 3, 15, 12, tzinfo=UTC)
    now = make_subscription(make_user(), "pro", period_ends_at=ends)
    later = make_subscription(make_user(), "pro", period_ends_at=ends, next_plan=plan("starter"), next_interval="month")
    assert purchase_words.changed_to(now) == "You are on Pro now: 15,000 credits a month."
    assert purchase_words.changed_to(later) == "Starter follows on 15 March 2027. Until then nothing changes."
    assert purchase_words.ended(now) == "Your plan is cancelled. You have Pro until 15 March 2027."
    assert purchase_words.resumed(now) == "Pro goes on. It renews on 15 March 2027."
