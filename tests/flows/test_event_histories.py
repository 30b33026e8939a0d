"""Events in any order, each three times, among forgeries: the same end as in order, and no forgery believed."""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import transaction
from django.test import Client

from accounts.models import User
from billing import grants, ledger, plans, stripe_events, tasks
from billing.audit import audit
from billing.models import CreditLot, Customer, Payment, StripeEvent, Subscription
from tests.factories import make_user
from tests.flows import histories
from tests.flows.histories import BEGIN, History, NearShop
from tests.reliability.own_books import wrong_books
from tests.reliability.size import seed as begin_of_dice

logger = logging.getLogger(__name__)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("embedded")]

_LOT = ("source", "credits", "remaining", "expired", "expires_at", "cycle_on")
_SUBSCRIPTION = tuple(
    field.attname for field in Subscription._meta.concrete_fields if field.name not in ("id", "synced_at")
)
_PAYMENT = tuple(
    field.attname
    for field in Payment._meta.concrete_fields
    if field.name not in ("id", "subscription", "synced_at", "created_at")
)


@pytest.mark.parametrize("seed", range(begin_of_dice(0), begin_of_dice(0) + 3))
def test_a_history_shuffled_repeated_and_forged_ends_as_in_order(seed: int, settings: LazySettings) -> None:
    run_history(seed, orders=4, secret=settings.STRIPE_WEBHOOK_SECRETS[0])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(begin_of_dice(100), begin_of_dice(100) + 200))
def test_a_thousand_orders_of_two_hundred_histories_end_as_in_order(seed: int, settings: LazySettings) -> None:
    run_history(seed, orders=5, secret=settings.STRIPE_WEBHOOK_SECRETS[0])


def run_history(seed: int, *, orders: int, secret: str, steps: int = histories.STEPS) -> None:
    """Live a history, then deliver its letters in order and in `orders` others, each time from nothing."""
    luck = random.Random(seed)
    # Every day of the month is somebody's day of sign-up.
    with time_machine.travel(BEGIN + timedelta(days=seed % 31), tick=False) as clock:
        user = make_user(time_zone=luck.choice(["UTC", "Pacific/Auckland", "America/Los_Angeles"]))
        grants.start_monthly_credits(user)
        plans.sync()
        with undone():
            history = histories.live(NearShop(), user, luck, clock, steps)
            lived = paid_for(user)
        letters = [event for event in history.letters if histories.is_heard(event)]
        letters += [event for event in history.letters if not histories.is_heard(event)][:3]
        assert len(letters) > 5, history.deeds
        if history.knows_customer:
            Customer.objects.create(user=user, customer_id=customer_of(history))
        ends = []
        for turn in range(orders + 1):
            with undone():
                tasks.sweep()
                deliver(in_order(letters) if turn == 0 else shuffled(letters, luck), secret, luck)
                tasks.sweep()
                ends.append(state_of(user))
        for end in ends[1:]:
            assert end == ends[0], history.deeds
        assert ends[0]["paid"] == lived, history.deeds
    logger.warning("seed %d: %d letters in %d orders", seed, len(letters), orders)


@contextmanager
def undone() -> Iterator[None]:
    """Do something and leave no row of it; what it did at the shop stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def in_order(letters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list(letters)


def shuffled(letters: list[dict[str, Any]], luck: random.Random) -> list[dict[str, Any]]:
    """Return every letter three times, in any order."""
    post = [*letters, *letters, *letters]
    luck.shuffle(post)
    return post


def deliver(post: list[dict[str, Any]], secret: str, luck: random.Random) -> None:
    """Post letters to the site and let it process them; every now and then there is a forgery among them."""
    client = Client()
    for event in post:
        assert send(client, *histories.letter(event, secret)) == 200
        if luck.random() < 0.2:
            forge(client, event, secret, luck)
        if histories.is_heard(event) and luck.random() < 0.3:
            stripe_events.process(event["id"])  # before those that wait, or once more
        elif luck.random() < 0.5:
            tasks.process_events()
    while tasks.process_events():
        pass
    assert StripeEvent.objects.count() == len({event["id"] for event in post})
    assert not StripeEvent.objects.exclude(status__in=["done", "ignored"]).exists()


def forge(client: Client, event: dict[str, Any], secret: str, luck: random.Random) -> None:
    before = StripeEvent.objects.count()
    forged = {**event, "id": f"evt_forged_{luck.random()}"}
    body, signature = histories.letter(forged, secret)
    tries = [
        histories.letter(forged, "whsec_guess"),
        histories.letter(forged, secret, age_seconds=luck.randint(301, 10**6)),
        (body.replace(b"evt_forged", b"evt_false"), signature),
        (body, ""),
    ]
    assert send(client, *luck.choice(tries)) == 400
    assert StripeEvent.objects.count() == before


def send(client: Client, body: bytes, signature: str) -> int:
    headers = {"Stripe-Signature": signature}
    return client.post("/stripe/webhook/", body, content_type="application/json", headers=headers).status_code


def state_of(user: User) -> dict[str, Any]:
    """Return all that money made of a person."""
    wallet = ledger.wallet_of(user)
    assert list(audit(wallet.pk)) == []
    assert wrong_books() == []
    lots = CreditLot.objects.filter(wallet__user=user)
    events = StripeEvent.objects.order_by("event_id")
    return {
        "plan": wallet.plan_id,
        "balance": wallet.balance,
        "lots": sorted(map(str, lots.values_list(*_LOT))),
        "subscriptions": sorted(map(str, Subscription.objects.filter(user=user).values_list(*_SUBSCRIPTION))),
        "payments": sorted(map(str, Payment.objects.filter(wallet__user=user).values_list(*_PAYMENT))),
        "paid": paid_for(user),
        "events": list(events.values_list("event_id", "status")),
    }


def paid_for(user: User) -> list[tuple[Any, ...]]:
    """Return the plan, and every payment with what became of its money."""
    payments = Payment.objects.filter(wallet__user=user).order_by("payment_id")
    facts = ("payment_id", "kind", "plan_id", "pack_id", "amount_cents", "refunded_cents", "dispute")
    return [(ledger.wallet_of(user).plan_id,), *payments.values_list(*facts)]


def customer_of(history: History) -> str:
    return str(
        next(event for event in history.letters if event["type"] == "invoice.paid")["data"]["object"]["customer"]
    )
