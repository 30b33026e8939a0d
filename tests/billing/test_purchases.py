"""What people do at the shop, through the site's verbs and the shop's own pages over real HTTP."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.conf import LazySettings
from django.utils import timezone

from accounts.models import User
from billing import ledger, plans, purchases, stripe_follow, stripe_orders, stripe_reads, subscriptions
from billing.audit import audit
from billing.errors import (
    AlreadyOnPlan,
    AlreadySubscribed,
    CheckoutNotFound,
    NeedsPlan,
    NotSubscribed,
    PackNotOffered,
    PaymentDeclined,
    PaymentNeedsAction,
    PaymentOverdue,
    PlanNotOffered,
    ShopUnavailable,
)
from billing.models import Customer, Payment, Plan, Subscription
from tests.billing import till
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]


@pytest.fixture
def user() -> User:
    return make_user()


def test_a_plan_is_bought_and_in_force_when_the_person_comes_back(gateway_shop: OpenShop, user: User) -> None:
    assert subscriptions.running_of(user) is None
    subscription = till.subscribe(gateway_shop, user, "starter", "month")
    assert (subscription.plan_id, subscription.interval, subscription.status) == ("starter", "month", "active")
    assert subscription.card == "Visa ending in 4242"
    assert till.where(user) == ("starter", 3000)
    payment = Payment.objects.get()
    assert (payment.kind, payment.amount_cents, payment.plan_id, payment.subscription) == (
        "plan",
        1000,
        "starter",
        subscription,
    )
    assert (payment.covers_from, payment.covers_until) == (subscription.period_starts_at, subscription.period_ends_at)
    assert payment.card_fingerprint == subscription.card_fingerprint != ""


def test_the_first_purchase_tells_the_shop_what_is_for_sale(user: User) -> None:
    assert not till.plan("pro").year_price_id
    purchases.start_plan(user, till.plan("pro"), "year", form_key=uuid4())
    assert till.plan("pro").year_price_id
    assert till.pack().price_id


def test_a_double_click_is_one_checkout(user: User) -> None:
    key = uuid4()
    first = purchases.start_plan(user, till.plan("starter"), "month", form_key=key)
    assert purchases.start_plan(user, till.plan("starter"), "month", form_key=key) == first
    assert purchases.start_plan(user, till.plan("pro"), "month", form_key=key) != first
    assert Customer.objects.get().user == user


def test_a_form_whose_checkout_is_over_gets_a_fresh_one(gateway_shop: OpenShop, user: User) -> None:
    key = uuid4()
    first = purchases.start_plan(user, till.plan("starter"), "month", form_key=key)
    stripe_orders.expire_checkout(till.checkout_id(first))
    again = purchases.start_plan(user, till.plan("starter"), "month", form_key=key)
    assert till.facts_of(again).status == "open"
    assert purchases.start_plan(user, till.plan("starter"), "month", form_key=key) == again


def test_who_has_a_plan_is_sent_to_change_it(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    with pytest.raises(AlreadySubscribed, match="Starter"):
        purchases.start_plan(user, till.plan("pro"), "month", form_key=uuid4())


def test_who_paid_in_another_tab_is_known_before_the_webhook_came(gateway_shop: OpenShop, user: User) -> None:
    till.pay(gateway_shop, purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4()))
    with pytest.raises(AlreadySubscribed):
        purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    assert till.where(user) == ("starter", 3000)


@pytest.mark.parametrize(("slug", "interval"), [("free", "month"), ("starter", "week")])
def test_what_is_no_plan_for_sale_is_refused(user: User, slug: str, interval: str) -> None:
    with pytest.raises(PlanNotOffered):
        purchases.start_plan(user, till.plan(slug), interval, form_key=uuid4())


def test_a_plan_or_pack_that_is_withdrawn_is_refused(gateway_shop: OpenShop, user: User) -> None:
    Plan.objects.filter(pk="starter").update(is_offered=False)
    with pytest.raises(PlanNotOffered, match="starter"):
        purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    pack = till.pack()
    pack.is_offered = False
    with pytest.raises(PackNotOffered, match="site-1000"):
        purchases.start_pack(user, pack, form_key=uuid4())


def test_a_price_that_the_shop_does_not_know_is_told_to_it_anew(user: User) -> None:
    plans.sync()
    Plan.objects.filter(pk="starter").update(month_price_id="price_of_another_shop")
    assert purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())


def test_a_declined_card_buys_nothing(gateway_shop: OpenShop, user: User) -> None:
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    answer = gateway_shop.pay(url, counter.DECLINED)
    assert "declined" in answer.problem
    assert not purchases.complete_checkout(user, till.checkout_id(url)).is_paid
    assert till.where(user) == ("free", 0)
    assert not Payment.objects.exists()


def test_an_abandoned_checkout_changes_nothing(gateway_shop: OpenShop, user: User) -> None:
    purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    gateway_shop.advance(days=2)
    till.hear(gateway_shop)
    assert not Subscription.objects.exists()
    assert not Payment.objects.exists()
    assert purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())


def test_a_pack_needs_a_paid_plan(user: User) -> None:
    with pytest.raises(NeedsPlan, match="1,000 credits"):
        purchases.start_pack(user, till.pack(), form_key=uuid4())


def test_a_pack_brings_its_credits_once(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    payment = till.buy(gateway_shop, user)
    assert (payment.kind, payment.credits, payment.amount_cents, payment.pack_id) == ("pack", 1000, 500, "site-1000")
    assert till.lots(user) == [("monthly", 100), ("plan", 2900), ("purchase", 1000)]
    till.hear(gateway_shop)
    assert till.where(user) == ("starter", 4000)


def test_an_api_pack_needs_no_plan_and_fills_its_own_wallet(gateway_shop: OpenShop, user: User) -> None:
    payment = till.buy(gateway_shop, user, "api-5000")
    assert (payment.wallet.product, payment.wallet.balance) == ("api", payment.credits)
    assert till.where(user) == ("free", 0)


def test_somebody_elses_checkout_is_not_found(gateway_shop: OpenShop, user: User) -> None:
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    for asked in (till.checkout_id(url), "cs_none"):
        with pytest.raises(CheckoutNotFound):
            purchases.complete_checkout(make_user(), asked)


def test_an_upgrade_is_paid_and_in_force_at_once(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    preview = purchases.preview_change(user, till.plan("pro"), "month")
    key = uuid4()
    changed = purchases.change_plan(user, till.plan("pro"), "month", form_key=key)
    assert (preview.is_upgrade, preview.currency) == (True, "usd")
    assert 1900 < preview.due_cents <= 2000
    assert changed.plan_id == "pro"
    assert till.where(user) == ("pro", 15000)
    upgrade = Payment.objects.get(plan="pro")
    assert (upgrade.amount_cents, upgrade.credits) == (preview.due_cents, 12000)
    with pytest.raises(AlreadyOnPlan):
        purchases.change_plan(user, till.plan("pro"), "month", form_key=key)
    assert Payment.objects.count() == 2


def test_an_upgrade_on_a_months_last_day_pays_a_whole_month(gateway_shop: OpenShop, user: User) -> None:
    before = till.subscribe(gateway_shop, user)
    gateway_shop.advance(days=27)
    due = purchases.preview_change(user, till.plan("studio"), "month").due_cents
    changed = purchases.change_plan(user, till.plan("studio"), "month", form_key=uuid4())
    assert 6500 - 1000 * 4 / 28 < due <= 6500
    assert changed.period_ends_at - before.period_starts_at > timedelta(days=50)
    assert till.where(user)[0] == "studio"


def test_a_plan_that_brings_less_waits_though_its_year_costs_more(gateway_shop: OpenShop, user: User) -> None:
    before = till.subscribe(gateway_shop, user, "studio")
    preview = purchases.preview_change(user, till.plan("starter"), "year")
    assert (preview.is_upgrade, preview.due_cents, preview.takes_effect_at) == (False, 0, before.period_ends_at)


def test_a_year_is_an_upgrade_that_begins_a_new_period(gateway_shop: OpenShop, user: User) -> None:
    before = till.subscribe(gateway_shop, user)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        changed = purchases.change_plan(user, till.plan("starter"), "year", form_key=uuid4())
    assert changed.interval == "year"
    assert changed.period_ends_at - before.period_ends_at > timedelta(days=300)
    year = Payment.objects.get(interval="year")
    # A day of the first month was used: so much of the year's first month is not here yet.
    assert (year.kind, year.credits) == ("plan", 2900 // (before.period_ends_at - before.period_starts_at).days)
    assert till.where(user) == ("starter", 3000 + year.credits)


@pytest.mark.parametrize(("slug", "interval"), [("starter", "month"), ("pro", "month")])
def test_a_cheaper_or_shorter_plan_waits_for_the_end_of_the_period(
    gateway_shop: OpenShop, user: User, slug: str, interval: str
) -> None:
    before = till.subscribe(gateway_shop, user, "pro", "year")
    preview = purchases.preview_change(user, till.plan(slug), interval)
    assert (preview.is_upgrade, preview.due_cents, preview.takes_effect_at) == (False, 0, before.period_ends_at)
    key = uuid4()
    for _ in range(2):
        waiting = purchases.change_plan(user, till.plan(slug), interval, form_key=key)
        assert (waiting.plan_id, waiting.next_plan_id, waiting.next_interval) == ("pro", slug, interval)
    assert till.where(user) == ("pro", 15000)


def test_the_plan_they_have_chosen_again_takes_back_what_waits(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, "pro")
    purchases.change_plan(user, till.plan("starter"), "month", form_key=uuid4())
    kept = purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4())
    assert (kept.plan_id, kept.next_plan_id) == ("pro", None)


def test_a_change_that_waits_at_a_price_that_is_replaced_comes_all_the_same(gateway_shop: OpenShop, user: User) -> None:
    before = till.subscribe(gateway_shop, user, "pro")
    purchases.change_plan(user, till.plan("starter"), "month", form_key=uuid4())
    Plan.objects.filter(pk="starter").update(month_cents=1200)
    plans.sync()
    waiting = stripe_follow.follow_subscription(before.subscription_id)
    assert (waiting.plan_id, waiting.next_plan_id, waiting.next_interval) == ("pro", "starter", "month")
    assert subscriptions.is_as_told(stripe_reads.fetch_subscription(before.subscription_id), timezone.now())
    gateway_shop.advance(days=32)
    till.hear(gateway_shop)
    changed = Subscription.objects.get()
    assert (changed.plan_id, changed.next_plan_id, till.where(user)[0]) == ("starter", None, "starter")
    renewal = Payment.objects.get(plan="starter")
    assert (renewal.amount_cents, renewal.months, renewal.month_credits) == (1000, 1, 2900)


def test_an_upgrade_that_is_declined_changes_nothing(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, card=counter.FAILS_LATER)
    with pytest.raises(PaymentDeclined):
        purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4())
    assert till.where(user) == ("starter", 3000)


def test_a_declined_upgrade_of_a_plan_that_was_to_end_lets_it_end(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, card=counter.FAILS_LATER)
    purchases.cancel(user)
    with pytest.raises(PaymentDeclined):
        purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4())
    till.hear(gateway_shop)
    assert Subscription.objects.get().cancels_at_period_end
    assert till.where(user) == ("starter", 3000)


@pytest.mark.parametrize("card", [counter.FAILS_LATER, counter.ALWAYS_ASKS])
def test_an_upgrade_that_is_not_paid_leaves_a_waiting_change_as_it_is(
    gateway_shop: OpenShop, user: User, card: str
) -> None:
    till.subscribe(gateway_shop, user, "pro", card=card)
    purchases.change_plan(user, till.plan("starter"), "month", form_key=uuid4())
    with pytest.raises(PaymentDeclined):
        purchases.change_plan(user, till.plan("studio"), "month", form_key=uuid4())
    till.hear(gateway_shop)
    left = Subscription.objects.get()
    assert (left.plan_id, left.next_plan_id, left.cancels_at_period_end) == ("pro", "starter", False)
    assert till.where(user) == ("pro", 15000)


def test_an_upgrade_takes_back_that_the_plan_was_to_end(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    purchases.cancel(user)
    assert not purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4()).cancels_at_period_end
    assert till.where(user) == ("pro", 15000)


def test_a_smaller_plan_whose_answer_was_lost_may_be_chosen_again(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, "pro")
    purchases.cancel(user)
    key = uuid4()
    gateway_shop.control("weather", down=True)
    with pytest.raises(ShopUnavailable):
        purchases.change_plan(user, till.plan("starter"), "month", form_key=key)
    gateway_shop.control("weather")
    for _ in range(2):
        waiting = purchases.change_plan(user, till.plan("starter"), "month", form_key=key)
        assert (waiting.next_plan_id, waiting.cancels_at_period_end) == ("starter", False)


def test_an_upgrade_that_the_bank_asks_about_comes_when_it_is_confirmed(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, card=counter.ALWAYS_ASKS)
    with pytest.raises(PaymentNeedsAction) as asked:
        purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4())
    assert till.where(user) == ("starter", 3000)
    till.pay(gateway_shop, asked.value.url, counter.ALWAYS_ASKS)
    till.hear(gateway_shop)
    assert till.where(user) == ("pro", 15000)


def test_who_owes_a_payment_pays_it_before_a_change(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, card=counter.FAILS_LATER)
    gateway_shop.advance(days=32)
    till.hear(gateway_shop)
    with pytest.raises(PaymentOverdue) as refused:
        purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4())
    gateway_shop.pay(refused.value.url)
    till.hear(gateway_shop)
    assert Subscription.objects.get().status == "active"


def test_cancel_and_resume(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    assert purchases.cancel(user).cancels_at_period_end
    assert purchases.cancel(user).cancels_at_period_end
    assert till.where(user) == ("starter", 3000)
    assert not purchases.resume(user).cancels_at_period_end


@pytest.mark.parametrize(
    "verb",
    [
        lambda user: purchases.cancel(user),
        lambda user: purchases.resume(user),
        lambda user: purchases.portal_url(user),
        lambda user: purchases.preview_change(user, till.plan("pro"), "month"),
        lambda user: purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4()),
    ],
)
def test_without_a_plan_there_is_nothing_to_change(user: User, verb: object) -> None:
    with pytest.raises(NotSubscribed):
        verb(user)  # type: ignore[operator]


def test_invoices_and_portal_are_the_persons_own(gateway_shop: OpenShop, user: User) -> None:
    assert purchases.invoices(user) == []
    till.subscribe(gateway_shop, user)
    assert [(invoice.paid_cents, invoice.is_paid) for invoice in purchases.invoices(user)] == [(1000, True)]
    assert purchases.invoices(make_user()) == []
    assert gateway_shop.visit(purchases.portal_url(user)).status == 200


def test_while_the_shop_is_down_the_same_form_may_come_again(gateway_shop: OpenShop, user: User) -> None:
    key = uuid4()
    plans.sync()
    gateway_shop.control("weather", down=True)
    with pytest.raises(ShopUnavailable):
        purchases.start_plan(user, till.plan("starter"), "month", form_key=key)
    gateway_shop.control("weather")
    gateway_shop.control("weather", lose_next=1)
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=key)
    assert purchases.start_plan(user, till.plan("starter"), "month", form_key=key) == url
    assert len(gateway_shop.v1.checkout.sessions.list().data) == 1


def test_without_a_key_nothing_is_for_sale(user: User, settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(ShopUnavailable, match="not set up"):
        purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())


def test_a_promotion_code_makes_it_cheaper_and_brings_the_same(gateway_shop: OpenShop, user: User) -> None:
    gateway_shop.v1.coupons.create({"id": "half", "percent_off": 50, "duration": "once"})
    gateway_shop.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": "half"}, "code": "HALF"})
    till.subscribe(gateway_shop, user)
    payment = till.buy(gateway_shop, user, code="HALF")
    assert (payment.amount_cents, payment.credits) == (250, 1000)
    assert stripe_reads.fetch_invoice(payment.payment_id).discount_cents == 250


def test_a_plan_with_a_code_and_tax_brings_the_whole_and_its_refund_takes_all_back(
    gateway_shop: OpenShop, user: User, settings: LazySettings
) -> None:
    settings.STRIPE_AUTOMATIC_TAX = True
    gateway_shop.v1.coupons.create({"id": "half", "percent_off": 50, "duration": "once"})
    gateway_shop.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": "half"}, "code": "HALF"})
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    till.pay(gateway_shop, url, code="HALF", country="DE", postal_code="10115")
    assert purchases.complete_checkout(user, till.checkout_id(url)).is_paid
    payment = Payment.objects.get()
    assert payment.tax_cents > 0
    assert payment.amount_cents == 500 + payment.tax_cents
    assert till.where(user) == ("starter", 3000)
    purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4())
    till.hear(gateway_shop)
    assert till.where(user) == ("pro", 15000)
    for paid in Payment.objects.all():
        stripe_orders.refund(paid.payment_intent_id, key=paid.payment_id)
    till.hear(gateway_shop)
    assert till.where(user)[1] == 100
    assert list(audit(ledger.wallet_of(user).pk)) == []
