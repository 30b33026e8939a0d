"""A month on paper: its sums lead from the balance before to the balance after, and its days are the person's."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from billing import ledger, month_statement
from billing.models import CreditLot, Wallet
from tests.billing.books import release, settle, take
from tests.factories import make_user

pytestmark = pytest.mark.django_db

JANUARY = datetime(2027, 1, 20, 9, tzinfo=UTC)


@pytest.fixture
def wallet() -> Wallet:
    """Return a wallet that lived through three months; 40 of its 100 of January came when UTC had February already."""
    with time_machine.travel(JANUARY, tick=False) as clock:
        found = ledger.wallet_of(make_user(time_zone="America/New_York"))
        grant(found, 60, "january")
        clock.move_to(datetime(2027, 2, 1, 4, 59, tzinfo=UTC))  # the 31st, there
        grant(found, 40, "late")
        clock.move_to(datetime(2027, 2, 1, 5, tzinfo=UTC))
        grant(found, 500, "february", expires_at=datetime(2027, 2, 20, tzinfo=UTC))
        hold = take(found, 30)
        settle(hold, 20)
        release(hold)
        take(found, 5, key="still open")
        ledger.adjust(found, -25, key="back", reason="Taken back: the payment was refunded")
        clock.move_to(datetime(2027, 2, 21, tzinfo=UTC))
        ledger.expire(datetime(2027, 2, 21, tzinfo=UTC))
        clock.move_to(datetime(2027, 3, 2, tzinfo=UTC))
        grant(found, 7, "march")
    return found


def grant(wallet: Wallet, credits: int, key: str, expires_at: datetime | None = None) -> None:
    source = CreditLot.Source.PURCHASE
    ledger.grant(wallet, credits, source=source, key=key, reason=key.title(), expires_at=expires_at)


@time_machine.travel(datetime(2027, 3, 5, tzinfo=UTC), tick=False)
def test_the_sums_lead_from_the_balance_before_to_the_balance_after(wallet: Wallet) -> None:
    month = month_statement.statement_of_month(wallet, date(2027, 2, 1))
    assert (month.opening, month.came, month.spent, month.expired, month.taken_back) == (100, 500, 25, 450, 25)
    assert month.closing == 100 + 500 - 25 - 450 - 25 == month.lines[-1].balance_after
    assert (month.first, month.last) == (date(2027, 2, 1), date(2027, 2, 28))


@time_machine.travel(datetime(2027, 3, 5, tzinfo=UTC), tick=False)
def test_months_begin_where_the_person_lives_and_follow_one_another(wallet: Wallet) -> None:
    months = [month_statement.statement_of_month(wallet, date(2027, number, 1)) for number in (1, 2, 3)]
    assert [line.reason for line in months[0].lines] == ["January", "Late"]
    assert [month.opening for month in months] == [0, *(month.closing for month in months[:2])]
    assert [month.earlier for month in months] == ["", "2027-01", "2027-02"]
    assert [month.later for month in months] == ["2027-02", "2027-03", ""]
    assert sum(len(month.lines) for month in months) == wallet.entries.count()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("", date(2027, 3, 1)),
        ("2027-01", date(2027, 1, 1)),
        ("2026-12", None),
        ("2027-04", None),
        ("2027-13", None),
        ("2027-1", None),
        ("٢٠٢٧-01", None),
        ("2027-01\n", None),
    ],
)
@time_machine.travel(datetime(2027, 3, 5, tzinfo=UTC), tick=False)
def test_only_months_of_the_wallets_life_can_be_asked_for(wallet: Wallet, text: str, first: date | None) -> None:
    assert month_statement.month_asked_for(wallet, text, datetime(2027, 3, 5, tzinfo=UTC)) == first


@time_machine.travel(datetime(2027, 3, 5, tzinfo=UTC), tick=False)
def test_a_month_with_too_many_lines_is_cut_and_its_sums_are_whole(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(month_statement, "LINES_MAX", 3)
    month = month_statement.statement_of_month(wallet, date(2027, 2, 1))
    assert (len(month.lines), month.is_cut, month.closing) == (3, True, 100)
    assert not month_statement.statement_of_month(wallet, date(2027, 1, 1)).is_cut


def test_somebody_new_has_an_empty_sheet() -> None:
    wallet = ledger.wallet_of(make_user())
    first = wallet.created_at.date().replace(day=1)
    month = month_statement.statement_of_month(wallet, first)
    assert (month.opening, month.closing, month.lines, month.earlier, month.later) == (0, 0, (), "", "")
