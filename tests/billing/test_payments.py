"""Payments as they were told: what they bring, once, and only for their price."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import User
from billing import ledger, payments, subscriptions
from billing.errors import NotOurs, Outdated
from billing.models import CreditLot, Pack, Payment, Product
from billing.payment_facts import LineFacts
from tests.billing import told
from tests.billing.books import balance
from tests.billing.told import NOW
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def user() -> User:
    return make_user()


def test_a_pack_brings_its_credits_once(user: User) -> None:
    applied = None
    for _ in range(3):
        applied = payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    assert applied is not None
    payment = applied.payment
    assert (payment.kind, payment.pack_id, payment.credits, payment.amount_cents) == ("pack", "site-1000", 1000, 500)
    assert payment.card_fingerprint == "fp_4242"
    assert balance(payment.wallet) == 1000
    entry = payment.wallet.entries.get()
    assert (entry.reference, entry.lot and entry.lot.source) == (payment.reference, "purchase")


def test_what_is_not_paid_brings_nothing(user: User) -> None:
    assert payments.apply_invoice(told.pack_invoice(user, status="open", paid_cents=0)) is None
    assert not Payment.objects.exists()


def test_a_pack_that_lasts_some_days_expires(user: User) -> None:
    Pack.objects.filter(pk="site-1000").update(lasts_days=365)
    payments.apply_invoice(told.pack_invoice(user))
    assert CreditLot.objects.get().expires_at == NOW + timedelta(days=365)


def test_an_api_pack_fills_the_api_wallet(user: User) -> None:
    payments.apply_invoice(told.pack_invoice(user, "api-5000"))
    assert ledger.wallet_of(user, Product.API).balance == Pack.objects.get(pk="api-5000").credits
    assert ledger.wallet_of(user).balance == 0


def test_a_pack_whose_credits_the_admin_changed_brings_no_more_to_old_payments(user: User) -> None:
    payments.apply_invoice(told.pack_invoice(user))
    Pack.objects.filter(pk="site-1000").update(credits=2000)
    payments.apply_invoice(told.pack_invoice(user))
    assert ledger.wallet_of(user).balance == 1000


@pytest.mark.parametrize(
    "facts",
    [
        {"subtotal_cents": 5, "total_cents": 5, "due_cents": 5, "paid_cents": 5},
        {"currency": "jpy"},
        {"total_cents": 100, "due_cents": 100, "paid_cents": 100},
        {"paid_cents": 100},
    ],
)
def test_an_amount_that_does_not_match_brings_nothing_and_is_noted(user: User, facts: dict[str, Any]) -> None:
    applied = None
    for _ in range(2):
        applied = payments.apply_invoice(told.pack_invoice(user, **facts))
        assert applied is not None
        assert "No credits" in applied.note
    assert applied is not None
    assert (applied.payment.credits, ledger.wallet_of(user).balance) == (0, 0)


@pytest.mark.parametrize(
    "facts",
    [
        {"discount_cents": 250, "total_cents": 250, "due_cents": 250, "paid_cents": 250},
        {"discount_cents": 500, "total_cents": 0, "due_cents": 0, "paid_cents": 0, "payment_intent_id": ""},
        {"tax_cents": 95, "total_cents": 595, "due_cents": 595, "paid_cents": 595},
        {"tax_cents": 80},
        {"due_cents": 200, "paid_cents": 200},
    ],
)
def test_a_discount_tax_or_credit_that_the_shop_states_explains_the_amount(user: User, facts: dict[str, Any]) -> None:
    applied = payments.apply_invoice(told.pack_invoice(user, **facts))
    assert applied is not None
    assert (applied.note, applied.payment.credits) == ("", 1000)


def test_two_of_a_pack_bring_twice_as_much(user: User) -> None:
    line = LineFacts(told.pack_price("site-1000"), "", 2, 1000)
    cents: dict[str, Any] = {"subtotal_cents": 1000, "total_cents": 1000, "due_cents": 1000, "paid_cents": 1000}
    payments.apply_invoice(told.pack_invoice(user, lines=(line,), **cents))
    assert ledger.wallet_of(user).balance == 2000


def test_a_pack_whose_price_was_replaced_is_known_by_its_reference(user: User) -> None:
    line = LineFacts("price_old", "", 1, 500)
    applied = payments.apply_invoice(told.pack_invoice(user, lines=(line,)))
    assert applied is not None
    assert applied.payment.credits == 1000


def test_what_we_do_not_sell_is_refused(user: User) -> None:
    line = LineFacts("price_other", "", 1, 500)
    with pytest.raises(NotOurs, match="nothing that we sell"):
        payments.apply_invoice(told.pack_invoice(user, lines=(line,), metadata={}))


def test_somebody_whom_we_do_not_know_is_refused(user: User) -> None:
    with pytest.raises(NotOurs, match="cus_gone"):
        payments.apply_invoice(told.pack_invoice(user, customer_id="cus_gone", metadata={}))


def test_a_plans_payment_says_what_it_covers_and_brought(user: User) -> None:
    row = subscriptions.apply(told.subscription(user))
    applied = payments.apply_invoice(told.plan_invoice(user), told.charge(1000))
    assert applied is not None
    payment = applied.payment
    assert (payment.kind, payment.plan_id, payment.interval, payment.subscription) == ("plan", "starter", "month", row)
    assert (payment.covers_from, payment.covers_until) == (row.period_starts_at, row.period_ends_at)
    assert (payment.credits, applied.note) == (2900, "")
    assert balance(payment.wallet) == 3000


def test_a_plans_payment_of_another_amount_is_noted(user: User) -> None:
    subscriptions.apply(told.subscription(user))
    applied = payments.apply_invoice(told.plan_invoice(user, subtotal_cents=1, total_cents=1, paid_cents=1))
    assert applied is not None
    assert "1 cents" in applied.note
    assert (applied.payment.credits, balance(applied.payment.wallet)) == (0, 100)


@pytest.mark.parametrize("facts", [{"currency": "jpy"}, {"currency": "inr"}, {"paid_cents": 10}])
def test_a_plans_payment_in_other_money_or_in_part_brings_nothing(user: User, facts: dict[str, Any]) -> None:
    subscriptions.apply(told.subscription(user))
    applied = payments.apply_invoice(told.plan_invoice(user, **facts))
    assert applied is not None
    assert applied.note
    assert (applied.payment.credits, balance(applied.payment.wallet)) == (0, 100)


def test_a_plan_at_half_its_price_by_a_code_brings_its_whole_month(user: User) -> None:
    subscriptions.apply(told.subscription(user))
    applied = payments.apply_invoice(told.plan_invoice(user, discount_cents=500, total_cents=500, paid_cents=500))
    assert applied is not None
    assert (applied.payment.credits, applied.note) == (2900, "")


def test_the_duplicates_payment_brings_nothing(user: User) -> None:
    subscriptions.apply(told.subscription(user, id="sub_0", created_at=NOW - timedelta(hours=1)))
    row = subscriptions.apply(told.subscription(user))
    applied = payments.apply_invoice(told.plan_invoice(user))
    assert row.is_duplicate
    assert applied is not None
    assert applied.payment.credits == 0


def test_what_was_fetched_before_the_row_was_written_is_outdated(user: User) -> None:
    payments.apply_invoice(told.pack_invoice(user), asked_at=NOW)
    with pytest.raises(Outdated):
        payments.apply_invoice(told.pack_invoice(user), asked_at=NOW - timedelta(seconds=1))


def test_a_question_of_the_bank_takes_nothing(user: User) -> None:
    asked = told.dispute(500, "warning_needs_response")
    applied = payments.apply_invoice(told.pack_invoice(user), told.charge(500, is_disputed=True), [asked])
    assert applied is not None
    assert (applied.payment.dispute, ledger.wallet_of(user).balance) == ("", 1000)


def test_the_latest_dispute_counts(user: User) -> None:
    first = told.dispute(500, "lost")
    later = replace(told.dispute(200, "won"), id="dp_2", created_at=NOW + timedelta(days=1))
    applied = payments.apply_invoice(told.pack_invoice(user), told.charge(500, is_disputed=True), [later, first])
    assert applied is not None
    assert (applied.payment.dispute, applied.payment.disputed_cents) == ("won", 200)


def test_a_payment_without_an_invoice_hears_of_its_refund(user: User) -> None:
    wallet = ledger.wallet_of(user, Product.API)
    row = Payment.objects.create(
        wallet=wallet, kind="top_up", payment_id="pi_1", payment_intent_id="pi_1", amount_cents=500, paid_at=NOW
    )
    applied = payments.apply_charge(row, told.charge(500, refunded=100), [], asked_at=NOW)
    assert applied.payment.refunded_cents == 100


def test_a_refund_takes_from_the_wallet_that_was_paid_for_whatever_its_pack_is_for_by_then(user: User) -> None:
    payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    Pack.objects.filter(pk="site-1000").update(product=Product.API)
    applied = payments.apply_invoice(told.pack_invoice(user), told.charge(500, refunded=500))
    assert applied is not None
    assert (applied.payment.taken_back, ledger.wallet_of(user).balance) == (1000, 0)
