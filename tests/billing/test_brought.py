"""Which credits a payment brought: the lots whose lines name it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from accounts.models import User
from billing import brought, grants, ledger, payments, subscriptions
from billing.models import CreditLot, Payment
from billing.payment_facts import InvoiceFacts
from tests.billing import told
from tests.billing.told import NOW
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


def test_a_payment_brought_what_names_it_and_nothing_else(user: User) -> None:
    add_lot(ledger.wallet_of(user), 500)
    subscriptions.apply(told.subscription(user))
    plan, pack = pay(told.plan_invoice(user)), pay(told.pack_invoice(user, id="in_9"))
    found = [[(share.lot.source, share.credits) for share in brought.brought_by(one)] for one in (plan, pack)]
    assert found == [[("plan", 2900)], [("purchase", 1000)]]


@pytest.mark.parametrize(
    ("source", "part"), [("purchase", 500), ("plan", 500), ("upgrade", 500), ("monthly", 400), ("admin", 0)]
)
def test_what_of_a_lot_somebody_paid_for(source: str, part: int) -> None:
    assert brought.bought_part(CreditLot(source=source, credits=500), 100) == part
