"""What a subscription does by itself when its period is over."""

from datetime import UTC, datetime

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def moment(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]


def test_three_years_of_months_by_a_test_clock_never_drift(shop: OpenShop, catalog: Catalog) -> None:
    clocks = shop.v1.test_helpers.test_clocks
    clock = clocks.create({"frozen_time": moment(2027, 1, 31, 9)})
    customer = shop.v1.customers.create({"email": "ada@example.com", "test_clock": clock.id}).id
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    clocks.advance(clock.id, {"frozen_time": moment(2030, 1, 31, 10)})
    invoices = list(shop.v1.invoices.list({"customer": customer, "limit": 100}).auto_paging_iter())[::-1]
    assert [one.status for one in invoices] == ["paid"] * 37
    days = [datetime.fromtimestamp(one.created, UTC).day for one in invoices]
    assert days[:14] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29]
    starts = [one.lines.data[0].period.start for one in invoices]
    ends = [one.lines.data[0].period.end for one in invoices]
    assert starts[1:] == ends[:-1]
    item = shop.v1.subscriptions.retrieve(subscription.id)["items"].data[0]
    assert (item.current_period_start, item.current_period_end) == (starts[-1], ends[-1])


def test_a_year_is_billed_by_the_year(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    journeys.subscribe(shop, customer, catalog.pro_year)
    shop.advance(days=364)
    assert len(shop.v1.invoices.list({"customer": customer}).data) == 1
    shop.advance(days=3)
    invoices = shop.v1.invoices.list({"customer": customer}).data
    assert [(one.billing_reason, one.amount_paid) for one in invoices] == [
        ("subscription_cycle", 30000),
        ("subscription_create", 30000),
    ]


def test_a_cancelled_plan_runs_until_its_period_ends(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    end = subscription["items"].data[0].current_period_end
    cancelled = shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert (cancelled.status, cancelled.cancel_at) == ("active", end)
    shop.advance(days=40)
    ended = shop.v1.subscriptions.retrieve(subscription.id)
    assert (ended.status, ended.ended_at) == ("canceled", end)
    assert len(shop.v1.invoices.list({"customer": customer}).data) == 1


def test_a_change_that_is_not_paid_in_time_is_given_up(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic, counter.ALWAYS_ASKS)
    item = {"id": subscription["items"].data[0].id, "price": catalog.pro}
    words = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
    waiting = shop.v1.subscriptions.update(subscription.id, {"items": [item], **words})
    assert waiting.pending_update is not None
    shop.advance(days=1)
    after = shop.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (after.pending_update, after["items"].data[0].price.id) == (None, catalog.basic)
    assert after.latest_invoice.status == "void"
    assert shop.events("customer.subscription.pending_update_expired")


def test_a_renewal_is_a_draft_for_an_hour_where_the_mode_says_so(
    shop: OpenShop, catalog: Catalog, customer: str
) -> None:
    shop.control("mode", drafts=True)
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    shop.advance(seconds=subscription["items"].data[0].current_period_end - subscription.created + 60)
    draft = shop.v1.invoices.list({"customer": customer}).data[0]
    assert (draft.status, draft.billing_reason, draft.number) == ("draft", "subscription_cycle", None)
    assert shop.v1.subscriptions.retrieve(subscription.id).latest_invoice == draft.id
    shop.advance(seconds=3600)
    paid = shop.v1.invoices.retrieve(draft.id)
    assert (paid.status, paid.status_transitions.paid_at - paid.created) == ("paid", 3600)


def test_what_is_a_draft_when_its_plan_ends_at_once_is_not_collected(
    shop: OpenShop, catalog: Catalog, customer: str
) -> None:
    shop.control("mode", drafts=True)
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    shop.advance(seconds=subscription["items"].data[0].current_period_end - subscription.created + 60)
    shop.v1.subscriptions.cancel(subscription.id)
    shop.advance(days=40)
    assert [one.status for one in shop.v1.invoices.list({"customer": customer}).data] == ["draft", "paid"]
