"""The inbox: what each event leads to, what is waited for, and what is left to an operator."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from billing import purchases, stripe_events, stripe_orders, stripe_reads
from billing.models import Customer, Payment, StripeEvent, Subscription
from billing.payment_facts import EventEnvelope
from tests.billing import till
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]


@pytest.fixture
def user() -> User:
    return make_user()


def envelope(kind: str = "invoice.paid", id: str = "evt_1") -> EventEnvelope:
    about: dict[str, Any] = {"object": "invoice", "id": "in_none"}
    payload = {"id": id, "type": kind, "data": {"object": about}}
    return EventEnvelope(id, kind, timezone.now(), about["object"], about["id"], "", payload)


def fates() -> dict[str, int]:
    found: dict[str, int] = {}
    for status in StripeEvent.objects.values_list("status", flat=True):
        found[status] = found.get(status, 0) + 1
    return found


def test_a_purchase_is_applied_by_its_events_alone(gateway_shop: OpenShop, user: User) -> None:
    url = purchases.start_plan(user, till.plan("pro"), "month", form_key=uuid4())
    gateway_shop.pay(url)
    till.hear(gateway_shop)
    assert till.where(user) == ("pro", 15000)
    assert [payment.plan_id for payment in Payment.objects.all()] == ["pro"]
    assert set(fates()) == {"done", "ignored"}
    done = StripeEvent.objects.get(type="customer.subscription.created")
    assert (done.note, done.attempts) == ("pro by the month, active", 0)
    assert done.processed_at is not None


def test_renewal_failure_recovery_and_end_are_heard(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, card=counter.FAILS_LATER)
    gateway_shop.advance(days=32)
    till.hear(gateway_shop)
    row = Subscription.objects.get()
    assert (row.status, row.past_due_since) == ("past_due", row.period_starts_at)
    gateway_shop.pay(purchases.invoices(user)[0].url)
    till.hear(gateway_shop)
    assert Subscription.objects.get().status == "active"
    assert Payment.objects.count() == 2
    purchases.cancel(user)
    gateway_shop.advance(days=32)
    till.hear(gateway_shop)
    assert Subscription.objects.get().status == "canceled"
    assert till.where(user)[0] == "free"


def test_a_downgrade_comes_with_the_next_period(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, "pro")
    purchases.change_plan(user, till.plan("starter"), "month", form_key=uuid4())
    gateway_shop.advance(days=32)
    till.hear(gateway_shop)
    # Bought on the day of the cycle, so its month comes with its payment.
    assert till.where(user) == ("starter", 15000 + 2900)


def test_refunds_and_disputes_are_heard(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    payment = till.buy(gateway_shop, user)
    stripe_orders.refund(payment.payment_intent_id, amount_cents=250, key="r")
    till.hear(gateway_shop)
    assert till.where(user) == ("starter", 3500)
    disputed = till.buy(gateway_shop, user, card=counter.DISPUTED)
    till.hear(gateway_shop)
    disputed.refresh_from_db()
    assert (disputed.dispute, disputed.taken_back) == ("open", 1000)
    found = gateway_shop.v1.disputes.list().data[0]
    gateway_shop.control("close", dispute=found.id, verdict="won")
    till.hear(gateway_shop)
    disputed.refresh_from_db()
    assert (disputed.dispute, disputed.taken_back) == ("won", 0)
    assert till.where(user) == ("starter", 4500)


def test_a_plan_paid_twice_in_two_tabs_is_ended_and_paid_back(gateway_shop: OpenShop, user: User) -> None:
    urls = [purchases.start_plan(user, till.plan(slug), "month", form_key=uuid4()) for slug in ("starter", "pro")]
    for url in urls:
        gateway_shop.pay(url)
        gateway_shop.advance(seconds=60)
    till.hear(gateway_shop)
    kept, second = Subscription.objects.order_by("started_at")
    assert (kept.plan_id, kept.status, kept.is_duplicate) == ("starter", "active", False)
    assert (second.plan_id, second.status, second.is_duplicate) == ("pro", "canceled", True)
    back = Payment.objects.get(subscription=second)
    assert (back.refunded_cents, back.credits) == (3000, 0)
    assert till.where(user) == ("starter", 3000)
    assert len(gateway_shop.v1.refunds.list().data) == 1


def test_an_event_about_somebody_whom_we_do_not_know_is_ignored_with_the_reason(gateway_shop: OpenShop) -> None:
    stranger = gateway_shop.v1.customers.create({"email": "x@example.com"})
    user = make_user()
    Customer.objects.create(user=user, customer_id=stranger.id)
    till.pay(gateway_shop, purchases.start_pack(user, till.pack("api-5000"), form_key=uuid4()))
    Customer.objects.all().delete()
    user.delete()
    till.hear(gateway_shop)
    paid = StripeEvent.objects.get(type="invoice.paid")
    assert (paid.status, "whom we don't know" in paid.note) == ("ignored", True)
    assert not Payment.objects.exists()
    assert "failed" not in fates()


def test_what_the_shop_no_longer_has_is_ignored() -> None:
    stripe_events.receive(envelope())
    assert stripe_events.process_due() == {"ignored": 1}
    assert "in_none" in StripeEvent.objects.get().note


def test_while_the_shop_is_down_an_event_waits_as_long_as_it_takes(gateway_shop: OpenShop, user: User) -> None:
    gateway_shop.pay(purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4()))
    for event in list(stripe_reads.list_events_since(till.LONG_AGO)):
        stripe_events.receive(event)
    gateway_shop.control("weather", down=True)
    begun = timezone.now()
    for minutes in range(0, 60, 10):
        with time_machine.travel(begun + timedelta(minutes=minutes)):
            assert stripe_events.process_due()["waiting"] == 1
    assert fates()["new"] >= 3
    assert set(StripeEvent.objects.values_list("attempts", flat=True)) == {0}
    gateway_shop.control("weather")
    with time_machine.travel(begun + timedelta(minutes=70)):
        while stripe_events.process_due():
            pass
    assert "new" not in fates()
    assert till.where(user) == ("starter", 3000)


def test_an_event_that_cannot_be_processed_is_tried_ten_times_and_stops_no_other(user: User) -> None:
    begun = timezone.now()
    broken = envelope("customer.subscription.updated", "evt_2")
    del broken.payload["data"]["object"]["id"]
    stripe_events.receive(broken)
    stripe_events.receive(envelope())
    for turn in range(12):
        with time_machine.travel(begun + timedelta(hours=turn + 1)):
            stripe_events.process_due()
    assert fates() == {"failed": 1, "ignored": 1}
    failed = StripeEvent.objects.get(status="failed")
    assert (failed.attempts, failed.note) == (10, "KeyError: 'id'")


def test_an_event_can_be_processed_again(gateway_shop: OpenShop, user: User) -> None:
    gateway_shop.pay(purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4()))
    (paid,) = stripe_reads.list_events_since(till.LONG_AGO, ["invoice.paid"])
    stripe_events.receive(paid)
    StripeEvent.objects.update(status="failed", attempts=10, note="broken")
    assert stripe_events.process_due() == {}
    event = stripe_events.process(paid.id)
    assert (event.status, event.attempts) == ("done", 0)
    gateway_shop.control("weather", down=True)
    event = stripe_events.process(paid.id)
    assert (event.status, event.attempts) == ("new", 0)


def test_an_amount_that_does_not_match_is_noted_on_the_event(gateway_shop: OpenShop, user: User) -> None:
    url = purchases.start_pack(user, till.pack("api-5000"), form_key=uuid4())
    pack = till.pack("api-5000")
    pack.price_cents += 100
    pack.save()
    gateway_shop.pay(url)
    till.hear(gateway_shop)
    assert "No credits" in StripeEvent.objects.get(type="invoice.paid").note
    assert Payment.objects.get().wallet.balance == 0


def test_two_processors_do_not_take_the_same_event(user: User) -> None:
    stripe_events.receive(envelope())
    taken = StripeEvent.objects.get()
    StripeEvent.objects.update(next_attempt_at=taken.next_attempt_at + timedelta(minutes=5))
    assert stripe_events.process_due() == {}


def test_a_customer_deleted_at_the_shop_has_no_plan_any_more(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    stripe_orders.delete_customer(Customer.objects.get().customer_id)
    till.hear(gateway_shop)
    assert till.where(user)[0] == "free"


def test_every_event_that_is_heard_is_one_that_the_shop_tells() -> None:
    from billing.test_shop.events import NAMES

    untold = {"customer.subscription.paused", "customer.subscription.resumed", "invoice.marked_uncollectible"}
    untold |= {"refund.updated", "refund.failed", "subscription_schedule.completed"}
    assert set(stripe_events.HANDLERS) - untold <= set(NAMES)
