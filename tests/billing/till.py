"""A person at the shop in tests: buys by the site's own verbs, pays on the shop's pages; and what then stands here."""

from datetime import UTC, datetime
from uuid import uuid4

from accounts.models import User
from billing import ledger, plans, purchases, stripe_events, stripe_reads, subscriptions
from billing.models import CreditLot, Pack, Payment, Plan, Subscription
from billing.payment_facts import CheckoutFacts
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def plan(slug: str) -> Plan:
    return Plan.objects.get(slug=slug)


def pack(slug: str = "site-1000") -> Pack:
    return Pack.objects.get(slug=slug)


def pay(shop: OpenShop, url: str, card: str = counter.VISA, **form: str) -> counter.Answer:
    """Pay on a page, and confirm where the bank asks."""
    answer = shop.pay(url, card, **form)
    if "/authenticate/" in answer.location:
        answer = shop.visit(answer.location, do="yes")
    return answer


def subscribe(
    shop: OpenShop, user: User, slug: str = "starter", interval: str = "month", card: str = counter.VISA
) -> Subscription:
    """Subscribe and come back to the site."""
    url = purchases.start_plan(user, plan(slug), interval, form_key=uuid4())
    pay(shop, url, card)
    assert purchases.complete_checkout(user, checkout_id(url)).is_paid
    found = subscriptions.running_of(user)
    assert found is not None
    return found


def buy(shop: OpenShop, user: User, slug: str = "site-1000", card: str = counter.VISA, **form: str) -> Payment:
    """Buy a pack and come back to the site."""
    url = purchases.start_pack(user, pack(slug), form_key=uuid4())
    pay(shop, url, card, **form)
    facts = purchases.complete_checkout(user, checkout_id(url))
    return Payment.objects.get(payment_id=facts.invoice_id)


def checkout_id(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def facts_of(url: str) -> CheckoutFacts:
    return stripe_reads.fetch_checkout(checkout_id(url))


def hear(shop: OpenShop, since: datetime = LONG_AGO) -> None:
    """Take in every event of the shop's that is not here, in order, and process them."""
    for event in reversed(list(stripe_reads.list_events_since(since))):
        stripe_events.receive(event)
    while stripe_events.process_due():
        pass


def where(user: User) -> tuple[str, int]:
    """Return a person's plan and balance."""
    wallet = ledger.wallet_of(user)
    return plans.plan_of(user).pk, wallet.balance


def lots(user: User) -> list[tuple[str, int]]:
    """Return what a person's lots have left, by where it came from."""
    found = CreditLot.objects.filter(wallet__user=user, remaining__gt=0)
    return sorted(found.values_list("source", "remaining"))


def brought(user: User) -> list[int]:
    """Return what a person's plans brought, payment by payment in the order in which they were paid."""
    paid = Payment.objects.filter(wallet__user=user, plan__isnull=False).order_by("paid_at")
    return list(paid.values_list("credits", flat=True))
