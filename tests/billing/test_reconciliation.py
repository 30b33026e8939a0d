"""The nightly comparison: what was missed is healed, reported once, and nothing else is touched."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.utils import timezone

from accounts.models import User
from billing import ledger, plans, purchases, reconciliation, stripe_events, stripe_follow, stripe_orders, stripe_reads
from billing.models import Payment, Reconciliation, StripeEvent, Subscription
from tests.billing import till
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]


@pytest.fixture(autouse=True)
def _operators(settings: LazySettings) -> None:
    settings.ADMINS = [("Op", "op@example.com")]


@pytest.fixture
def user() -> User:
    return make_user()


def run() -> Reconciliation:
    return reconciliation.run(timezone.now())


def test_a_lost_webhook_is_healed_and_reported_once(gateway_shop: OpenShop, user: User) -> None:
    gateway_shop.pay(purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4()))
    report = run()
    assert till.where(user) == ("starter", 3000)
    assert Payment.objects.count() == 1
    assert report.checked > 5
    assert report.error == ""
    assert report.finished_at is not None
    assert any("had not come" in line for line in report.healed)
    assert mail.outbox[-1].to == ["op@example.com"]
    assert f"{len(report.healed)} healed" in mail.outbox[-1].subject
    again = run()
    assert again.healed == []
    assert len(mail.outbox) == 1


def test_a_plans_payment_whose_letter_is_too_old_to_fetch_is_healed(gateway_shop: OpenShop, user: User) -> None:
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    gateway_shop.pay(url)
    subscription_id = till.facts_of(url).subscription_id
    stripe_follow.follow_subscription(subscription_id)
    assert till.where(user) == ("starter", 100)
    later = timezone.now() + timedelta(days=4)
    Reconciliation.objects.create(started_at=later - timedelta(days=1), since=later, finished_at=later)
    with time_machine.travel(later):
        report = run()
    assert till.where(user) == ("starter", 3000)
    assert [line.split(":")[0] for line in report.healed] == [f"subscription {subscription_id}"]


def test_where_all_came_nothing_is_healed(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    till.buy(gateway_shop, user)
    till.hear(gateway_shop)
    report = run()
    assert (report.healed, mail.outbox) == ([], [])


def test_what_differs_though_every_event_came_is_healed(gateway_shop: OpenShop, user: User) -> None:
    subscription = till.subscribe(gateway_shop, user)
    payment = till.buy(gateway_shop, user)
    till.hear(gateway_shop)
    Subscription.objects.update(cancels_at_period_end=True)
    plans.turn_to(ledger.wallet_of(user), plans.free(), timezone.now())
    report = run()
    assert len(report.healed) == 1
    assert subscription.subscription_id in report.healed[0]
    assert "free → starter" in report.healed[0]
    assert not Subscription.objects.get().cancels_at_period_end
    stripe_orders.refund(payment.payment_intent_id, key="r")
    StripeEvent.objects.all().delete()
    assert any("cents lost" in line or "charge.refunded" in line for line in run().healed)
    assert till.where(user) == ("starter", 3000)


def test_an_event_that_was_given_up_goes_through_now(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    till.hear(gateway_shop)
    StripeEvent.objects.filter(type="invoice.paid").update(status="failed", attempts=10)
    assert [line for line in run().healed if "had failed and went through" in line]
    assert not StripeEvent.objects.filter(status="failed").exists()


def test_what_the_shop_does_not_have_is_named_and_left(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    till.hear(gateway_shop)
    Subscription.objects.update(subscription_id="sub_elsewhere")
    StripeEvent.objects.filter(type__startswith="customer.subscription").delete()
    assert any("sub_elsewhere" in line and "nothing was changed" in line for line in run().healed)
    assert Subscription.objects.get(subscription_id="sub_elsewhere").status == "active"


def test_a_shop_that_is_down_is_reported_and_the_next_night_begins_where_the_last_good_one_did(
    gateway_shop: OpenShop, user: User
) -> None:
    good = run()
    gateway_shop.control("weather", down=True)
    bad = run()
    assert bad.error.startswith("ShopUnavailable")
    assert "it stopped" in mail.outbox[-1].subject
    gateway_shop.control("weather")
    assert run().since == max(good.started_at - reconciliation.MARGIN, good.since)


def test_strangers_of_the_same_account_are_left_alone(gateway_shop: OpenShop, user: User) -> None:
    plans.sync()
    from tests.billing.test_shop import journeys

    price = till.plan("starter").month_price_id
    stranger = gateway_shop.v1.customers.create({"email": "x@example.com"}).id
    journeys.subscribe(gateway_shop, stranger, price)
    report = run()
    assert (report.healed, report.error) == ([], "")
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("hours_since", "hour", "runs"), [(None, 12, True), (24, 3, True), (24, 4, False), (10, 3, False), (31, 12, True)]
)
def test_it_runs_once_a_night_or_when_a_night_was_missed(hours_since: int | None, hour: int, runs: bool) -> None:
    now = datetime(2027, 3, 10, hour, tzinfo=UTC)
    if hours_since is not None:
        started = now - timedelta(hours=hours_since)
        Reconciliation.objects.create(started_at=started, finished_at=started, since=started)
    with time_machine.travel(now):
        assert (reconciliation.run_if_due(now) is not None) is runs


def test_what_came_meanwhile_is_not_done_twice(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    for event in stripe_reads.list_events_since(till.LONG_AGO):
        stripe_events.receive(event)
    run()
    assert till.where(user) == ("starter", 3000)
