"""The same purchase heard of by many at once: applied once, whoever is first."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from billing import plans, purchases, stripe_events, stripe_follow, stripe_reads
from billing.audit import audit
from billing.models import CreditLot, Payment, StripeEvent, Subscription
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


def test_pages_webhooks_and_the_comparison_apply_a_purchase_once(gateway_shop: OpenShop) -> None:  # noqa: F811
    user = make_user()
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    till.pay(gateway_shop, url)
    events = [one for one in stripe_reads.list_events_since(till.LONG_AGO) if one.type in stripe_events.HANDLERS]
    start = threading.Barrier(THREADS)

    def act(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            if number % 3 == 0:
                purchases.complete_checkout(user, till.checkout_id(url))
            elif number % 3 == 1:
                for event in events:
                    stripe_events.receive(event)
                stripe_events.process_due()
            else:
                state = stripe_reads.fetch_subscription(till.facts_of(url).subscription_id)
                stripe_follow.follow_invoice(state.latest_invoice_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(act, range(THREADS)))
    while stripe_events.process_due():
        pass
    assert (Subscription.objects.count(), Payment.objects.count(), CreditLot.objects.count()) == (1, 1, 2)
    assert till.where(user) == ("starter", 3000)
    assert list(audit()) == []
    assert not StripeEvent.objects.exclude(status="done").exclude(status="ignored").exists()
