"""Histories of a customer, lived at the project's own shop: what they do, and the letters that tell of it.

Everything is done by the site's own verbs and on the shop's own pages; time is the test's clock, the shop's too.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import time_machine

from accounts.models import User
from billing import plans, purchases, stripe_events, stripe_orders, stripe_reads, tasks
from billing.errors import BillingError
from billing.models import CreditLot, Customer, Payment, Subscription
from billing.test_shop.deliveries import sign
from billing.test_shop.documents import public
from billing.test_shop.exchange import Request
from billing.test_shop.mount import embedded_shop
from tests.billing import till
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import Answer, OpenShop

BEGIN = datetime(2027, 1, 12, 9, tzinfo=UTC)
STEPS = 14
CARDS = (counter.VISA, counter.VISA, counter.ASKS, counter.FAILS_LATER)


class NearShop(OpenShop):
    """The site's embedded shop, its pages reached without a network."""

    def __init__(self) -> None:
        super().__init__("", embedded_shop())
        self.control("post", hold=True)

    def visit(self, url: str, **form: str) -> Answer:
        place = urlsplit(url)
        path = place.path.removeprefix("/test-shop")
        headers = {"content-type": "application/x-www-form-urlencoded"} if form else {}
        method = "POST" if form else "GET"
        answer = self.shop.answer(Request(method, path, place.query, headers, urlencode(form).encode()))
        return Answer(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)

    def control(self, name: str, **asked: Any) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self.shop.key}"}
        answer = self.shop.answer(Request("POST", f"/_control/{name}", "", headers, json.dumps(asked).encode()))
        assert answer.status == 200, answer.body
        return json.loads(answer.body)  # type: ignore[no-any-return]

    def letters(self, customer_id: str) -> list[dict[str, Any]]:
        """Return every event about a customer, oldest first, as it is written."""
        with self.shop.store.books() as books:
            events: list[dict[str, Any]] = public(books.all("event"))
        return [event for event in events if customer_id in json.dumps(event["data"])]


@dataclass
class History:
    """What one person did, and the letters of it."""

    user: User
    knows_customer: bool
    letters: list[dict[str, Any]] = field(default_factory=list)
    deeds: list[str] = field(default_factory=list)


def live(shop: NearShop, user: User, luck: random.Random, clock: time_machine.Traveller, steps: int = STEPS) -> History:
    """Let a person live through a history; its letters are all that the shop wrote about them.

    After every step plans have brought no more than what was paid makes.
    """
    history = History(user, knows_customer=luck.random() < 0.5)
    shop.control("mode", drafts=luck.random() < 0.5)
    _subscribe(shop, user, luck)
    heard_at = BEGIN
    while len(history.deeds) < steps:
        deed = luck.choice(DEEDS)
        try:
            deed(shop, user, luck)
        except BillingError as error:
            history.deeds.append(f"{deed.__name__}: {type(error).__name__}")
        else:
            history.deeds.append(deed.__name__)
        # Periods end meanwhile, payments fail or not, graces run out.
        clock.shift(_pause(user, luck))
        shop.advance(seconds=0)
        till.hear(shop, heard_at)
        heard_at = datetime.now(UTC) - timedelta(seconds=1)
        tasks.sweep()
        assert came_by_plans(user) <= worth_of_what_was_paid(user), history.deeds
    customer_id = Customer.objects.get(user=user).customer_id
    while len(history.letters) != len(found := shop.letters(customer_id)):
        history.letters = found
        till.hear(shop)
    return history


def _pause(user: User, luck: random.Random) -> timedelta:
    """Return for how long nothing is done: hours, or until a renewal's invoice may still be a draft."""
    hours, now = luck.choice([1, 5, 50, 250, 800, 0]), datetime.now(UTC)
    running = Subscription.objects.filter(user=user, ended_at__isnull=True, period_ends_at__gt=now)
    renews_at = running.order_by("period_ends_at").values_list("period_ends_at", flat=True).first()
    if hours or renews_at is None:
        return timedelta(hours=hours or 1)
    return renews_at + timedelta(minutes=20) - now


def letter(event: dict[str, Any], secret: str, *, age_seconds: int = 0) -> tuple[bytes, str]:
    """Return an event as the shop posts it."""
    body = json.dumps(event).encode()
    return body, sign(body, secret, int(datetime.now(UTC).timestamp()) - age_seconds)


def came_by_plans(user: User) -> int:
    """Return how many credits plans brought somebody and nobody took back."""
    lots = CreditLot.objects.filter(wallet__user=user, source=CreditLot.Source.PLAN)
    back = Payment.objects.filter(wallet__user=user, plan__isnull=False).values_list("taken_back", flat=True)
    return sum(lots.values_list("credits", flat=True)) - sum(back)


def worth_of_what_was_paid(user: User) -> float:
    """Return how many credits the shop's paid invoices for plans are worth, line by line: months paid × level.

    A line that pays something back counts against it; a cent's worth is forgiven for its rounding.
    """
    worth, free = 0.0, plans.free().monthly_credits
    twice = set(Subscription.objects.filter(is_duplicate=True).values_list("subscription_id", flat=True))
    for invoice in stripe_reads.list_invoices(Customer.objects.get(user=user).customer_id):
        if not invoice.is_paid or not invoice.subscription_id or invoice.subscription_id in twice:
            continue
        for line in invoice.lines:
            found = plans.plan_of_price(line.price_id, line.key)
            assert found is not None
            plan, interval = found
            months = 12 if interval == "year" else 1
            a_cent = months * (plan.monthly_credits - free) / plan.cents(interval)
            worth += a_cent * (line.amount_cents + (1 if line.amount_cents < 0 else 0))
    return worth + 1e-6


def is_heard(event: dict[str, Any]) -> bool:
    return event["type"] in stripe_events.HANDLERS


# --- Deeds ------------------------------------------------------------------------------------------------------


def _subscribe(shop: NearShop, user: User, luck: random.Random) -> None:
    slug, interval = luck.choice(["starter", "pro", "studio"]), luck.choice(["month", "month", "year"])
    till.pay(shop, purchases.start_plan(user, till.plan(slug), interval, form_key=uuid4()), luck.choice(CARDS))


def _subscribe_in_two_tabs(shop: NearShop, user: User, luck: random.Random) -> None:
    urls = [purchases.start_plan(user, till.plan(slug), "month", form_key=uuid4()) for slug in ("starter", "pro")]
    for url in urls:
        till.pay(shop, url)


def _change(shop: NearShop, user: User, luck: random.Random) -> None:
    slug, interval = luck.choice(["starter", "pro", "studio"]), luck.choice(["month", "month", "year"])
    purchases.change_plan(user, till.plan(slug), interval, form_key=uuid4())


def _upgrade(shop: NearShop, user: User, luck: random.Random) -> None:
    purchases.change_plan(user, till.plan("studio"), "month", form_key=uuid4())


def _cancel(shop: NearShop, user: User, luck: random.Random) -> None:
    purchases.cancel(user)


def _resume(shop: NearShop, user: User, luck: random.Random) -> None:
    purchases.resume(user)


def _pay_what_is_open(shop: NearShop, user: User, luck: random.Random) -> None:
    for invoice in purchases.invoices(user):
        if invoice.status == "open":
            till.pay(shop, invoice.url)


def _buy_pack(shop: NearShop, user: User, luck: random.Random) -> None:
    url = purchases.start_pack(user, till.pack(luck.choice(["site-1000", "site-5000"])), form_key=uuid4())
    till.pay(shop, url, luck.choice([counter.VISA, counter.VISA, counter.DISPUTED, counter.DECLINED]))


def _leave_checkout(shop: NearShop, user: User, luck: random.Random) -> None:
    purchases.start_pack(user, till.pack("api-5000"), form_key=uuid4())


def _refund(shop: NearShop, user: User, luck: random.Random) -> None:
    paid = list(Payment.objects.filter(wallet__user=user, amount_cents__gt=0).order_by("paid_at", "payment_id"))
    if paid:
        payment = luck.choice(paid)
        amount = luck.choice([0, payment.amount_cents // 3, payment.amount_cents // 2])
        stripe_orders.refund(payment.payment_intent_id, amount_cents=amount, key=str(uuid4()))


def _close_dispute(shop: NearShop, user: User, luck: random.Random) -> None:
    for payment in Payment.objects.filter(wallet__user=user, dispute="open"):
        charge = stripe_reads.fetch_payment(payment.payment_intent_id)
        assert charge is not None
        for dispute in stripe_reads.list_disputes(charge.id):
            shop.control("close", dispute=dispute.id, verdict=luck.choice(["won", "lost"]))


def _end_at_once(shop: NearShop, user: User, luck: random.Random) -> None:
    found = Subscription.objects.filter(user=user, ended_at__isnull=True).first()
    if found:
        stripe_orders.cancel_now(found.subscription_id)


DEEDS: list[Callable[[NearShop, User, random.Random], None]] = [
    *(_subscribe, _subscribe, _subscribe_in_two_tabs, _change, _upgrade, _cancel, _resume),
    *(_pay_what_is_open, _buy_pack, _buy_pack, _leave_checkout, _refund, _refund, _close_dispute, _end_at_once),
]
