"""The verbs that give and take: what each does, does not do twice, and refuses."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import transaction

from billing import ledger
from billing.errors import HoldOverdrawn, InsufficientCredits, KeyReused
from billing.ledger_rows import Beside, Row, Statement
from billing.models import CreditHold, CreditLot, Product, Wallet
from tests.billing.books import DAY, HOUR, NOW, balance, left, lines, release, settle, take
from tests.factories import add_lot, make_user, make_wallet

pytestmark = pytest.mark.django_db


# --- Wallets ------------------------------------------------------------------------------------------------


def test_a_person_has_one_wallet_a_product() -> None:
    user = make_user()
    site, api = ledger.wallet_of(user), ledger.wallet_of(user, Product.API)
    assert ledger.wallet_of(user) == site != api
    assert (site.product, api.product) == (Product.SITE, Product.API)


@pytest.mark.parametrize("product", Product)
def test_a_run_is_paid_from_the_same_wallet_also_where_it_is_the_first_to_need_one(product: Product) -> None:
    user, other = make_user(), make_user()
    first = ledger.paying_wallet_of(user, product)
    assert ledger.paying_wallet_of(user, product) == first == ledger.wallet_of(user, product)
    assert (first.plan_id, first.cycle_day) == (
        ledger.wallet_of(other, product).plan_id,
        ledger.wallet_of(other, product).cycle_day,
    )
    assert ledger.paying_wallet_of(other, product) != first


@time_machine.travel(datetime(2027, 1, 31, 23, 30, tzinfo=UTC), tick=False)
def test_a_wallet_takes_its_cycle_day_from_the_day_of_sign_up_where_the_person_lives() -> None:
    here, there = make_user(), make_user(time_zone="Europe/Berlin")
    assert ledger.wallet_of(here).cycle_day == 31
    assert ledger.wallet_of(there).cycle_day == 1


# --- grant --------------------------------------------------------------------------------------------------


def test_grant_adds_a_lot_and_a_line() -> None:
    wallet = make_wallet()
    entry = ledger.grant(wallet, 50, source=CreditLot.Source.REFERRAL, key="k", reason="A friend", reference="gift:7")
    lot = wallet.lots.get()
    assert (lot.source, lot.credits, lot.remaining, lot.expires_at) == ("referral", 50, 50, None)
    assert (entry.kind, entry.delta, entry.balance_after, entry.lot, entry.reference) == (
        "grant", 50, 50, lot, "gift:7",
    )  # fmt: skip
    assert balance(wallet) == wallet.balance == 50


def test_grant_with_a_repeated_key_returns_the_first_line() -> None:
    wallet = make_wallet()
    first, second = (
        ledger.grant(wallet, 50, source=CreditLot.Source.REFERRAL, key="k", reason="A friend") for _ in range(2)
    )
    assert first == second
    assert balance(wallet) == 50


@pytest.mark.parametrize(
    "change", [{"credits": 51}, {"source": CreditLot.Source.PURCHASE}, {"wallet": "another"}], ids=str
)
def test_grant_refuses_a_key_that_was_used_for_something_else(change: dict[str, Any]) -> None:
    wallet = make_wallet()
    facts: dict[str, Any] = {"wallet": wallet, "credits": 50, "source": CreditLot.Source.REFERRAL}
    ledger.grant(**facts, key="k", reason="A friend")
    if "wallet" in change:
        change = {"wallet": make_wallet()}
    with pytest.raises(KeyReused, match="'k'"):
        ledger.grant(**{**facts, **change}, key="k", reason="A friend")
    assert balance(wallet) == 50


@pytest.mark.parametrize(
    ("credits", "key", "reason"), [(0, "k", "r"), (-1, "k", "r"), (1, "", "r"), (1, "k", ""), (1, "k", "r" * 201)]
)
def test_grant_refuses_no_credits_and_texts_that_do_not_fit(credits: int, key: str, reason: str) -> None:
    wallet = make_wallet()
    with pytest.raises(ValueError, match=r"at least 1|allowed"):
        ledger.grant(wallet, credits, source=CreditLot.Source.ADMIN, key=key, reason=reason)
    assert lines(wallet) == []


# --- hold ---------------------------------------------------------------------------------------------------


def test_hold_takes_credits_out_of_the_balance() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    assert (hold.credits, hold.settled, hold.released, hold.open_credits) == (4, 0, 0, 4)
    assert CreditHold.objects.get().parts == [[wallet.lots.get().pk.hex, 4]]
    assert lines(wallet) == [("grant", 10, 10), ("hold", -4, 6)]
    assert balance(wallet) == ledger.available(wallet) == 6


@time_machine.travel(NOW, tick=False)
def test_hold_spends_what_expires_soonest_then_what_never_does() -> None:
    wallet = make_wallet()
    for expires_at in (None, NOW + 9 * DAY, NOW + 2 * DAY, None):
        add_lot(wallet, 10, expires_at=expires_at)
    take(wallet, 25)
    assert left(wallet) == [5, 0, 0, 10]


@time_machine.travel(NOW, tick=False)
def test_hold_spends_the_older_of_two_lots_that_expire_together() -> None:
    wallet = make_wallet()
    with time_machine.travel(NOW - DAY):
        add_lot(wallet, 10, expires_at=NOW + DAY)
    add_lot(wallet, 10, expires_at=NOW + DAY)
    take(wallet, 5)
    assert left(wallet) == [5, 10]


def test_hold_fails_when_available_is_too_low() -> None:
    wallet = make_wallet(3)
    with pytest.raises(InsufficientCredits) as error:
        take(wallet, 4)
    assert (error.value.required, error.value.available, error.value.missing) == (4, 3, 1)
    assert lines(wallet) == [("grant", 3, 3)]
    assert balance(wallet) == 3


def test_hold_of_the_last_credit_succeeds() -> None:
    wallet = make_wallet(3)
    take(wallet, 3)
    assert balance(wallet) == 0


def test_a_refused_hold_leaves_the_callers_transaction_usable() -> None:
    wallet = make_wallet(3)
    with transaction.atomic():
        with pytest.raises(InsufficientCredits):
            take(wallet, 4)
        take(wallet, 3)
    assert balance(wallet) == 0


def test_hold_does_not_spend_what_has_expired_before_the_sweep_came() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        wallet = make_wallet(10, expires_at=NOW + HOUR)
        add_lot(wallet, 2)
        clock.shift(HOUR)
        with pytest.raises(InsufficientCredits) as error:
            take(wallet, 3)
        assert error.value.available == ledger.available(wallet) == 2
        take(wallet, 2)
    assert lines(wallet) == [("grant", 10, 10), ("grant", 2, 12), ("expire", -10, 2), ("hold", -2, 0)]
    assert balance(wallet) == 0


def test_hold_with_a_repeated_key_returns_the_first_hold() -> None:
    wallet = make_wallet(10)
    first = take(wallet, 6)
    again = ledger.hold(wallet, 6, key="hold", reason="A picture", reference="job:2")
    assert again == first
    assert again.reference == "job:1"
    assert balance(wallet) == 4


def test_what_a_caller_writes_beside_a_hold_is_written_once_with_it_or_not_at_all() -> None:
    wallet, other = make_wallet(10), make_wallet(5)
    count = Statement("SELECT balance FROM billing_wallet WHERE id = %s", [other.pk])
    seen: list[tuple[int, int]] = []

    def write(hold: CreditHold, rows: list[list[Row]]) -> list[Statement]:
        ((before,),) = rows[0]
        seen.append((hold.credits, before))
        if before < 4:
            raise LookupError("too little")
        return [Statement("UPDATE billing_wallet SET balance = %s WHERE id = %s", [before - 1, other.pk])]

    def hold(key: str) -> CreditHold:
        beside = Beside([count], write)
        return ledger.hold(wallet, 3, key=key, reason="A picture", reference="job:1", beside=beside)

    assert hold("a") == hold("a")
    assert (balance(wallet), Wallet.objects.get(pk=other.pk).balance) == (7, 4)
    hold("b")
    with pytest.raises(LookupError):
        hold("c")
    assert seen == [(3, 5), (3, 4), (3, 3)]
    assert CreditHold.objects.filter(wallet=wallet).count() == 2
    assert balance(wallet) == 4


def test_hold_refuses_a_key_that_was_used_for_something_else() -> None:
    wallet = make_wallet(10)
    take(wallet, 6)
    with pytest.raises(KeyReused, match="credits 6, not 3"):
        take(wallet, 3)
    assert balance(wallet) == 4


# --- settle -------------------------------------------------------------------------------------------------


def test_settle_spends_what_was_set_aside() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    entry = settle(hold, 3)
    assert (entry.credits, entry.delta, entry.balance_after, entry.reference) == (3, 0, 6, "job:1")
    assert (hold.settled, hold.open_credits) == (3, 1)
    assert CreditHold.objects.get().settled == 3
    assert balance(wallet) == 6


def test_settle_refuses_more_than_the_hold_has_open() -> None:
    hold = take(make_wallet(10), 4)
    settle(hold, 3)
    with pytest.raises(HoldOverdrawn) as error:
        settle(hold, 2, key="another")
    assert (error.value.requested, error.value.open_credits) == (2, 1)
    assert CreditHold.objects.get().settled == 3


def test_settle_knows_what_a_stale_copy_of_the_hold_does_not() -> None:
    hold = take(make_wallet(10), 4)
    stale = CreditHold.objects.get()
    release(hold)
    with pytest.raises(HoldOverdrawn):
        settle(stale, 1)


def test_settle_with_a_repeated_key_returns_the_first_line() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    assert settle(hold, 4) == settle(hold, 4)
    assert CreditHold.objects.get().settled == 4
    assert balance(wallet) == 6


def test_settle_refuses_a_key_that_was_used_for_something_else() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    with pytest.raises(KeyReused, match="kind hold, not settle"):
        settle(hold, 1, key="hold")
    settle(hold, 1)
    with pytest.raises(KeyReused, match="credits 1, not 2"):
        settle(hold, 2)
    with pytest.raises(KeyReused, match="hold"):
        settle(take(wallet, 4, key="second"), 1)
