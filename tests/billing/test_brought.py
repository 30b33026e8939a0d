"""Which credits a payment brought: its stretch of each cycle's line."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from accounts.models import User
from billing import brought, grants, ledger, payments, subscriptions
from billing.models import CreditLot, Payment
from billing.payment_facts import InvoiceFacts
from tests.billing import told
from tests.billing.told import MONTH, NOW
from tests.factories import add_lot, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user() -> User:
    user = make_user(date_joined=NOW - timedelta(days=5))
    grants.start_monthly_credits(user)
    return user


def pay(invoice: InvoiceFacts) -> Payment:
    applied = payments.apply_invoice(invoice)
    assert applied is not None
    return applied.payment


def credits_of(payment: Payment) -> list[tuple[str, int]]:
    payment.refresh_from_db()
    return [(share.lot.source, share.credits) for share in brought.brought_by(payment)]


def test_a_plans_payment_brought_what_lies_above_the_free_level(user: User, clock: time_machine.Traveller) -> None:
    subscriptions.apply(told.subscription(user))
    payment = pay(told.plan_invoice(user))
    assert credits_of(payment) == [("upgrade", 2900)]
    clock.move_to(NOW + timedelta(days=28))
    grants.grant_due(NOW + timedelta(days=28))
    assert credits_of(payment) == [("upgrade", 2900), ("monthly", 2900)]


def test_rewards_packs_and_what_came_before_are_none_of_a_plans(user: User) -> None:
    add_lot(ledger.wallet_of(user), 500)
    subscriptions.apply(told.subscription(user))
    pay(told.pack_invoice(user, id="in_9"))
    assert credits_of(pay(told.plan_invoice(user))) == [("upgrade", 2900)]


def test_two_plans_of_one_month_share_the_line(user: User, clock: time_machine.Traveller) -> None:
    state = told.subscription(user)
    subscriptions.apply(state)
    first = pay(told.plan_invoice(user))
    clock.move_to(NOW + timedelta(days=2))
    subscriptions.apply(replace(state, price_id=told.price("pro"), key="pro:month"))
    second = pay(told.upgrade_invoice(user, "pro", 1900, NOW + timedelta(days=2)))
    assert credits_of(first) == [("upgrade", 2900)]
    assert credits_of(second) == [("upgrade", 12000)]
    clock.move_to(NOW + timedelta(days=28))
    grants.grant_due(NOW + timedelta(days=28))
    assert credits_of(first)[1:] == [("monthly", 2900)]
    assert credits_of(second)[1:] == [("monthly", 12000)]


@pytest.mark.parametrize("ends", ["cancelled", "renewed"])
def test_an_ended_or_renewed_time_brings_no_more(user: User, clock: time_machine.Traveller, ends: str) -> None:
    state = told.subscription(user)
    subscriptions.apply(state)
    payment = pay(told.plan_invoice(user))
    then = NOW + timedelta(days=3)
    if ends == "cancelled":
        subscriptions.apply(replace(state, status="canceled", ended_at=then))
        payment.refresh_from_db()
    else:
        line = replace(told.plan_invoice(user).lines[0], starts_at=then, ends_at=then + MONTH)
        pay(told.plan_invoice(user, id="in_2", lines=(line,), reason="subscription_cycle"))
    payment = Payment.objects.select_related("subscription").get(pk=payment.pk)
    assert brought.covered_until(payment) == then


def test_of_a_cycle_only_what_was_refunded_with_an_ended_plan_comes_again(user: User) -> None:
    subscriptions.apply(told.subscription(user))
    payment = pay(told.plan_invoice(user))
    cycle_on = CreditLot.objects.filter(source="monthly").get().cycle_on
    assert cycle_on is not None
    Payment.objects.filter(pk=payment.pk).update(refunded_cents=500)
    assert brought.paid_back(payment.wallet, cycle_on) == 0
    subscriptions.apply(told.subscription(user, status="canceled", ended_at=NOW + timedelta(days=1)))
    assert brought.paid_back(payment.wallet, cycle_on) == 1450
    assert brought.paid_back(payment.wallet, cycle_on + MONTH) == 0


@pytest.mark.parametrize(("source", "part"), [("purchase", 500), ("upgrade", 500), ("monthly", 400), ("admin", 0)])
def test_what_of_a_lot_somebody_paid_for(source: str, part: int) -> None:
    assert brought.bought_part(CreditLot(source=source, credits=500), 100) == part
