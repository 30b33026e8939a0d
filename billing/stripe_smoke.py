"""The journey of a customer against a real shop in test mode: does Stripe still do what we believe it does?

Whatever it makes there it removes again. It touches no row of ours but the prices that `plans.sync` notes.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from django.conf import settings

from billing import plans, stripe_orders, stripe_reads
from billing.errors import BillingError
from billing.models import Interval, Pack, Plan, Product
from billing.payment_facts import SubscriptionState
from billing.stripe_facts import OWN
from billing.stripe_gateway import plain, translated, v1

TEST_KEYS = ("sk_test_", "rk_test_")
CARD = "pm_card_visa"
_CLOCK_SECONDS = 180

T = TypeVar("T")


class LiveKey(BillingError):
    """The key moves real money."""

    def __init__(self) -> None:
        super().__init__("STRIPE_SECRET_KEY is not a test key (sk_test_…): this would charge a real card.")


class Unexpected(BillingError):
    """The shop answered, and not as we believe."""


@dataclass
class Journey:
    """What was made at the shop so far."""

    run: str = field(default_factory=lambda: uuid4().hex[:12])
    clock_id: str = ""
    customer_id: str = ""
    subscription_id: str = ""

    def state(self) -> SubscriptionState:
        return stripe_reads.fetch_subscription(self.subscription_id)

    def key(self, name: str) -> str:
        return f"smoke:{self.run}:{name}"


def run(say: Callable[[str], object]) -> bool:
    """Take every step and say how it went; returns whether all went well. Raises LiveKey before anything is done."""
    if not settings.STRIPE_SECRET_KEY.startswith(TEST_KEYS):
        raise LiveKey
    with _cleaned_up(Journey(), say) as journey:
        for step in STEPS:
            name = step.__name__.strip("_").replace("_", " ")
            try:
                found = step(journey)
            except BillingError as error:
                say(f"FAILED  {name}: {type(error).__name__}: {error}")
                return False
            say(f"ok      {name}: {found}")
    return True


@contextmanager
def _cleaned_up(journey: Journey, say: Callable[[str], object]) -> Iterator[Journey]:
    try:
        yield journey
    finally:
        try:
            if journey.customer_id:
                stripe_orders.delete_customer(journey.customer_id)
            if journey.clock_id:
                with translated():
                    v1().test_helpers.test_clocks.delete(journey.clock_id)
        except BillingError as error:
            say(f"left behind at the shop: {journey.customer_id} {journey.clock_id} ({error})")


# --- The steps --------------------------------------------------------------------------------------------------


def _sell_plans_and_packs(_: Journey) -> str:
    plans.sync()
    return f"{len(_paid_plans())} plans"


def _make_a_customer_with_a_clock_and_a_card(journey: Journey) -> str:
    with translated():
        clocks = v1().test_helpers.test_clocks
        journey.clock_id = clocks.create({"frozen_time": int(time.time()), "name": "smoke"}).id
        asked: Any = {"email": "smoke@example.com", "test_clock": journey.clock_id, "metadata": {OWN: "smoke"}}
        journey.customer_id = v1().customers.create(asked).id
        method = v1().payment_methods.attach(CARD, {"customer": journey.customer_id})
        default: Any = {"invoice_settings": {"default_payment_method": method.id}}
        v1().customers.update(journey.customer_id, default)
    return journey.customer_id


def _open_and_close_a_checkout(journey: Journey) -> str:
    link = stripe_orders.start_subscription_checkout(
        journey.customer_id,
        _plan(0).price_id(Interval.MONTH),
        reference=f"smoke_{journey.run}",
        success_url=f"{settings.SITE_URL}/settings/billing/done/?checkout={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{settings.SITE_URL}/pricing/",
        key=journey.key("checkout"),
    )
    status = stripe_orders.expire_checkout(link.id).status
    return _expect(status, "expired")


def _subscribe(journey: Journey) -> str:
    with translated():
        asked: Any = {
            "customer": journey.customer_id,
            "items": [{"price": _plan(0).price_id(Interval.MONTH)}],
            "payment_behavior": "error_if_incomplete",
            "metadata": {"reference": f"smoke_{journey.run}"},
        }
        journey.subscription_id = v1().subscriptions.create(asked).id
    state = journey.state()
    _expect(state.status, "active")
    invoice = stripe_reads.fetch_invoice(state.latest_invoice_id)
    _expect(invoice.paid_cents, _plan(0).month_cents)
    return f"{state.key}, {invoice.paid_cents} cents paid"


def _upgrade_at_once(journey: Journey) -> str:
    price_id = _plan(1).price_id(Interval.MONTH)
    preview = stripe_orders.preview_change(journey.subscription_id, price_id)
    state = stripe_orders.change_plan_now(journey.subscription_id, price_id, key=journey.key("up"))
    _expect(state.price_id, price_id)
    paid = stripe_reads.fetch_invoice(state.latest_invoice_id).paid_cents
    if abs(paid - preview.due_cents) > 1:
        raise Unexpected(f"{preview.due_cents} cents were foretold, {paid} paid.")
    return f"{state.key}, {paid} cents paid"


def _open_a_pack_and_close_it(journey: Journey) -> str:
    pack = _pack()
    link = stripe_orders.start_pack_checkout(
        journey.customer_id,
        pack.price_id,
        reference=f"smoke_{journey.run}",
        success_url=f"{settings.SITE_URL}/settings/billing/done/?checkout={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{settings.SITE_URL}/pricing/api/",
        key=journey.key("pack"),
        keep_card=True,
    )
    facts = stripe_reads.fetch_checkout(link.id)
    _expect((facts.mode, facts.amount_cents, facts.currency), ("payment", pack.price_cents, pack.currency))
    _expect([line.price_id for line in facts.lines], [pack.price_id])
    status = _expect(stripe_orders.expire_checkout(link.id).status, "expired")
    return f"{pack.key}, {facts.amount_cents} cents, {status}"


def _top_up_while_away(journey: Journey) -> str:
    """Charge twice with one key, as after a lost answer: the card is charged once, and the shop has a receipt."""
    pack = _pack()
    card_id = stripe_reads.card_to_charge(journey.customer_id)
    one, other = (
        stripe_orders.charge_off_session(
            journey.customer_id,
            card_id,
            pack.price_cents,
            pack.currency,
            description="smoke",
            reference=f"smoke_{journey.run}",
            key=journey.key("top_up"),
        )
        for _ in range(2)
    )
    _expect(other.id, one.id)
    _expect((one.is_paid, one.amount_cents, bool(one.card)), (True, pack.price_cents, True))
    listed = stripe_reads.list_charges(journey.customer_id, one.created_at)
    _expect([bool(charge.receipt_url) for charge in listed if charge.id == one.id], [True])
    stripe_orders.refund(one.payment_intent_id, key=journey.key("top_up_back"))
    charge = stripe_reads.fetch_payment(one.payment_intent_id)
    return f"{_expect(charge.refunded_cents if charge else 0, pack.price_cents)} cents, and back"


def _refund_a_part(journey: Journey) -> str:
    invoice = stripe_reads.fetch_invoice(journey.state().latest_invoice_id)
    stripe_orders.refund(invoice.payment_intent_id, amount_cents=100, key=journey.key("refund"))
    charge = stripe_reads.fetch_payment(invoice.payment_intent_id)
    return f"{_expect(charge.refunded_cents if charge else 0, 100)} cents"


def _downgrade_at_the_periods_end(journey: Journey) -> str:
    price_id = _plan(0).price_id(Interval.MONTH)
    state = stripe_orders.change_plan_at_period_end(journey.subscription_id, price_id, key=journey.key("down"))
    _expect(state.next_price_id, price_id)
    return f"{state.key}, then {state.next_key}"


def _cancel_and_resume(journey: Journey) -> str:
    _expect(stripe_orders.cancel_at_period_end(journey.subscription_id).cancels_at_period_end, True)
    _expect(stripe_orders.resume(journey.subscription_id).cancels_at_period_end, False)
    return "both"


def _renew_when_the_month_is_over(journey: Journey) -> str:
    before = journey.state()
    until = before.period_ends_at + timedelta(hours=3)
    with translated():
        clocks = v1().test_helpers.test_clocks
        clocks.advance(journey.clock_id, {"frozen_time": int(until.timestamp())})
        deadline = time.monotonic() + _CLOCK_SECONDS
        while plain(clocks.retrieve(journey.clock_id))["status"] != "ready":
            if time.monotonic() > deadline:
                raise Unexpected(f"The test clock did not arrive within {_CLOCK_SECONDS} seconds.")
            time.sleep(1)
    state = journey.state()
    _expect(state.period_starts_at, before.period_ends_at)
    invoice = stripe_reads.fetch_invoice(state.latest_invoice_id)
    return f"{_expect(invoice.status, 'paid')}, {invoice.paid_cents} cents"


def _open_the_portal(journey: Journey) -> str:
    return stripe_orders.open_portal(journey.customer_id, f"{settings.SITE_URL}/settings/billing/").url.split("?")[0]


def _find_the_events(journey: Journey) -> str:
    since = datetime.now(UTC) - timedelta(days=1)
    kinds = ["customer.subscription.created"]
    if journey.subscription_id not in {one.object_id for one in stripe_reads.list_events_since(since, kinds)}:
        raise Unexpected("The subscription's first event is not listed.")
    return "listed"


def _end(journey: Journey) -> str:
    return _expect(stripe_orders.cancel_now(journey.subscription_id).status, "canceled")


STEPS = (
    *(_sell_plans_and_packs, _make_a_customer_with_a_clock_and_a_card, _open_and_close_a_checkout, _subscribe),
    *(_open_a_pack_and_close_it, _top_up_while_away),
    *(_upgrade_at_once, _refund_a_part, _downgrade_at_the_periods_end, _cancel_and_resume),
    *(_renew_when_the_month_is_over, _open_the_portal, _find_the_events, _end),
)


def _paid_plans() -> list[Plan]:
    """Return what is for sale, the cheapest first."""
    return sorted((plan for plan in plans.offered_plans() if not plan.is_free), key=lambda plan: plan.month_cents)


def _pack() -> Pack:
    """Return the API's smallest pack that is for sale."""
    found = sorted(plans.offered_packs(Product.API), key=lambda pack: pack.price_cents)
    if not found:
        raise Unexpected("A pack of the API's is needed, none is offered.")
    return found[0]


def _plan(place: int) -> Plan:
    found = _paid_plans()
    if len(found) <= place:
        raise Unexpected(f"{place + 1} paid plans are needed, {len(found)} are offered.")
    return found[place]


def _expect(found: T, wanted: T) -> T:
    if found != wanted:
        raise Unexpected(f"{found!r} was found, {wanted!r} was expected.")
    return found
