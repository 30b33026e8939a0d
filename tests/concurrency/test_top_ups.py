"""Many sweeps that see the same low balance: one charge, once granted."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection

from billing import ledger, plans, top_ups
from billing.audit import audit
from billing.models import Payment, Product, TopUp
from tests.billing import till
from tests.billing.conftest import gateway_shop, shop  # noqa: F401
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 6


@pytest.fixture(autouse=True)
def _seeded(transactional_db: None) -> None:
    """The tables are emptied after each of these tests; what is for sale is written again before each."""
    plans.seed()


def test_a_dip_that_many_see_is_charged_once(gateway_shop: OpenShop) -> None:  # noqa: F811
    user = make_user()
    till.buy(gateway_shop, user, "api-5000")
    wallet = ledger.wallet_of(user, Product.API)
    top_ups.set_terms(wallet, till.pack("api-5000"), is_on=True, below_credits=1000, month_cents=100_000)
    ledger.adjust(wallet, -4500, key="spent", reason="Spent")
    start = threading.Barrier(THREADS)

    def act(_: int) -> int:
        try:
            connection.ensure_connection()
            start.wait()
            return top_ups.run_due(datetime.now(UTC))
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        came = list(threads.map(act, range(THREADS)))
    while TopUp.objects.filter(status="asked").exists():  # the shop refuses a key that is in use; it is asked again
        came.append(top_ups.run_due(datetime.now(UTC)))
    assert sum(came) == 1
    assert Payment.objects.filter(kind="top_up").count() == 1
    assert len(gateway_shop.v1.payment_intents.list().data) == 2
    assert ledger.available(wallet) == 5500
    assert list(audit()) == []
