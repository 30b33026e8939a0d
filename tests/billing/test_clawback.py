"""Credits whose money went back: taken in proportion, never below zero, owed where they are spent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from billing import clawback, grants, ledger, payments, subscriptions, tasks
from billing.models import CreditLot, Payment, Wallet
from billing.payment_facts import InvoiceFacts
from tests.billing import till, told
from tests.billing.books import balance
from tests.billing.told import MONTH, NOW
from tests.factories import add_lot, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user() -> User:
    return make_user(date_joined=NOW - timedelta(days=5))


def pay(invoice: InvoiceFacts, refunded: int = 0, dispute: str = "", disputed: int = 0) -> Payment:
    charge = told.charge(invoice.paid_cents, refunded, is_disputed=bool(dispute))
    disputes = [told.dispute(disputed or invoice.paid_cents, dispute)] if dispute else []
    applied = payments.apply_invoice(invoice, charge, disputes)
    assert applied is not None
    return applied.payment


def fates(payment: Payment) -> tuple[int, int, int]:
    payment.refresh_from_db()
    return payment.credits, payment.taken_back, payment.owed


def spend(wallet: Wallet, credits: int) -> None:
    hold = ledger.hold(
        wallet, credits, key=f"spend:{wallet.pk}:{wallet.entries.count()}", reason="x", reference="job:1"
    )
    ledger.settle(hold, credits, key=f"settle:{hold.pk}", reason="x")


def test_a_refund_takes_its_share_in_steps(user: User) -> None:
    invoice = told.pack_invoice(user)
    for refunded, left in ((0, 1000), (125, 750), (125, 750), (333, 334), (500, 0), (500, 0)):
        payment = pay(invoice, refunded)
        assert balance(payment.wallet) == left
    assert fates(payment) == (1000, 1000, 0)
    assert [entry.reference for entry in payment.wallet.entries.all()] == [payment.reference] * 4


def test_a_refund_takes_the_packs_own_credits_first(user: User) -> None:
    wallet = ledger.wallet_of(user)
    add_lot(wallet, 300, expires_at=NOW + timedelta(days=1))
    pay(told.pack_invoice(user), 250)
    assert till.lots(user) == [("purchase", 300), ("purchase", 500)]


def test_what_is_spent_is_owed_and_the_free_credits_are_left(user: User) -> None:
    grants.start_monthly_credits(user)
    payment = pay(told.pack_invoice(user))
    wallet = payment.wallet
    spend(wallet, 800)  # 100 of the free ones among them
    ledger.grant(wallet, 40, source=CreditLot.Source.REFERRAL, key="r", reason="A friend")
    payment = pay(told.pack_invoice(user), 500)
    assert fates(payment) == (1000, 300, 700)
    assert till.lots(user) == [("referral", 40)]


def test_what_is_owed_is_taken_from_what_is_bought_next(user: User) -> None:
    payment = pay(told.pack_invoice(user))
    spend(payment.wallet, 900)
    pay(told.pack_invoice(user), 500)
    pay(told.pack_invoice(user, id="in_9"))
    assert fates(payment) == (1000, 1000, 0)
    assert balance(payment.wallet) == 100


def test_what_is_owed_is_taken_from_a_paid_months_credits_but_not_from_the_free_level(
    user: User, clock: time_machine.Traveller
) -> None:
    subscriptions.apply(told.subscription(user))
    payment = pay(told.plan_invoice(user))
    wallet = payment.wallet
    spend(wallet, 3000)
    pay(told.plan_invoice(user), 1000)
    assert fates(payment) == (2900, 0, 2900)
    assert clawback.collect(NOW) == 0
    clock.move_to(NOW + timedelta(days=29))
    assert grants.grant_due(NOW + timedelta(days=29)) == 1
    assert clawback.collect(NOW + timedelta(days=29)) == 0
    assert balance(wallet) == 100
    clock.move_to(NOW + MONTH)
    subscriptions.apply(told.subscription(user, period_starts_at=NOW + MONTH, period_ends_at=NOW + 2 * MONTH))
    renewal = told.plan_invoice(user, id="in_2", reason="subscription_cycle", paid_at=NOW + MONTH)
    line = replace(renewal.lines[0], starts_at=NOW + MONTH, ends_at=NOW + 2 * MONTH)
    second = pay(replace(renewal, lines=(line,)))
    clock.move_to(datetime(2027, 5, 5, tzinfo=UTC))  # its day
    tasks.sweep()
    second.refresh_from_db()
    assert (fates(payment), fates(second)) == ((2900, 2900, 0), (2900, 0, 0))
    assert balance(wallet) == 100


def test_credits_that_expired_unspent_are_not_owed(user: User, clock: time_machine.Traveller) -> None:
    subscriptions.apply(told.subscription(user))
    payment = pay(told.plan_invoice(user))
    spend(payment.wallet, 1000)
    subscriptions.apply(told.subscription(user, status="canceled", ended_at=NOW + timedelta(days=1)))
    clock.move_to(NOW + 3 * MONTH)
    ledger.expire(NOW + 3 * MONTH)
    pay(told.plan_invoice(user), 1000)
    assert fates(payment) == (2900, 0, 900)


@pytest.mark.parametrize(("status", "left"), [("needs_response", 0), ("lost", 0), ("won", 1000)])
def test_a_dispute_takes_the_credits_until_it_is_won(user: User, status: str, left: int) -> None:
    invoice = told.pack_invoice(user)
    pay(invoice)
    payment = pay(invoice, dispute="needs_response")
    assert (payment.dispute, balance(payment.wallet)) == ("open", 0)
    payment = pay(invoice, dispute=status)
    assert balance(payment.wallet) == left


def test_a_dispute_won_forgives_what_is_owed_and_gives_back_what_was_taken(user: User) -> None:
    invoice = told.pack_invoice(user)
    payment = pay(invoice)
    spend(payment.wallet, 400)
    payment = pay(invoice, dispute="needs_response")
    assert fates(payment) == (1000, 600, 400)
    payment = pay(invoice, dispute="won")
    assert fates(payment) == (1000, 0, 0)
    assert balance(payment.wallet) == 600
    payment = pay(invoice, dispute="lost")
    assert fates(payment) == (1000, 0, 1000)  # what was given back is not what was bought


def test_an_upgrades_refund_takes_what_the_upgrade_brought(user: User, clock: time_machine.Traveller) -> None:
    state = told.subscription(user)
    subscriptions.apply(state)
    first = pay(told.plan_invoice(user))
    clock.move_to(NOW + timedelta(days=2))
    subscriptions.apply(replace(state, price_id=told.price("pro"), key="pro:month"))
    upgrade = told.upgrade_invoice(user, "pro", 1900, NOW + timedelta(days=2))
    second = pay(upgrade)
    # Of the first month's 2,900 two of 31 days were used; the rest of its money was taken off the upgrade's price.
    brought = 14900 - (2900 - 2900 * 2 // 31)
    assert (fates(first)[0], fates(second)[0]) == (2900, brought)
    pay(upgrade, 1900)
    assert fates(second) == (brought, brought, 0)
    assert balance(first.wallet) == 3000


def test_who_was_refunded_and_pays_again_gets_a_whole_month_again(user: User, clock: time_machine.Traveller) -> None:
    state = told.subscription(user)
    subscriptions.apply(state)
    pay(told.plan_invoice(user))
    clock.move_to(NOW + timedelta(days=1))
    subscriptions.apply(replace(state, status="canceled", ended_at=NOW + timedelta(days=1)))
    payment = pay(told.plan_invoice(user), 1000)
    assert balance(payment.wallet) == 100
    clock.move_to(NOW + timedelta(days=2))
    again = told.subscription(user, id="sub_2", created_at=NOW + timedelta(days=2))
    subscriptions.apply(replace(again, period_starts_at=NOW + timedelta(days=2)))
    for _ in range(2):
        pay(told.plan_invoice(user, id="in_2", subscription_id="sub_2", paid_at=NOW + timedelta(days=2)))
    assert balance(payment.wallet) == 3000
    assert fates(payment) == (2900, 2900, 0)


def test_a_refund_in_part_of_a_running_plan_does_not_come_again(user: User) -> None:
    state = told.subscription(user)
    subscriptions.apply(state)
    payment = pay(told.plan_invoice(user), 500)
    assert balance(payment.wallet) == 1550
    subscriptions.apply(state)
    assert balance(payment.wallet) == 1550


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["", "needs_response", "won", "lost"])), max_size=6))
def test_whatever_becomes_of_the_money_the_books_are_right(steps: list[tuple[int, str]]) -> None:
    user = make_user()
    invoice = told.pack_invoice(user, id=f"in_{user.pk.hex}")
    payment = pay(invoice)
    spend(payment.wallet, 500)
    for refunded, dispute in steps:
        payment = pay(invoice, refunded, dispute, 500 - refunded)
        assert 0 <= balance(payment.wallet) <= 500
        credits, taken, owed = fates(payment)
        assert taken + owed == credits * payment.lost_cents // 500
