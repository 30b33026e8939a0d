"""What a person can do at the shop: subscribe, change, cancel, resume, buy a pack, see their invoices.

Each verb asks the shop first and applies its answer here at once, so that no page waits for a webhook. None of them
belongs inside a transaction. A `form_key` is a UUID that the form carries: the same key for the same thing is one deed.
After ShopUnavailable the same form may be sent again; after PaymentDeclined a new form carries a new key.
"""

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from billing import plans, stripe_follow, stripe_orders, stripe_reads, subscriptions
from billing.errors import (
    AlreadyOnPlan,
    AlreadySubscribed,
    CheckoutNotFound,
    NeedsPlan,
    NotOurs,
    NotSubscribed,
    PackNotOffered,
    PaymentNeedsAction,
    PaymentOverdue,
    PlanNotOffered,
    PriceChanged,
    ShopRefused,
    ShopUnavailable,
    UnknownInShop,
    UnknownPrice,
)
from billing.models import Customer, Interval, Pack, Plan, Product, Subscription
from billing.payers import payer_of, reference_for
from billing.payment_facts import ChargeFacts, CheckoutFacts, CheckoutLink, InvoiceFacts, SubscriptionState

logger = logging.getLogger(__name__)

# Where the shop sends people back to; the pages at these addresses are billing's.
DONE_PATH = "/settings/billing/done/?checkout={CHECKOUT_SESSION_ID}"
BACK_PATH = "/pricing/?back=1"
API_BACK_PATH = "/pricing/api/?back=1"
PORTAL_BACK_PATH = "/settings/billing/"

INVOICES_SHOWN = 100
# A checkout that is over keeps its key for a day; who comes back with the same form gets a fresh one.
_CHECKOUTS_A_FORM = 5

# What is left of the old plan shrinks by the second, so that what is due grows: of $70 a month by ten cents an hour.
_DUE_MOVES_CENTS = 10

T = TypeVar("T")


@dataclass(frozen=True)
class Change:
    """What changing a plan means: a dearer one is paid and in force at once, a cheaper one follows for nothing."""

    is_upgrade: bool
    due_cents: int
    currency: str
    takes_effect_at: datetime


@dataclass(frozen=True)
class Offer:
    """What somebody sees before they change their plan: its price and credits, and what is due at once."""

    cents: int
    currency: str
    monthly_credits: int
    due_cents: int

    @classmethod
    def read(cls, text: str) -> "Offer":
        """Return what `str` wrote; of anything else an offer that is none of ours."""
        found = re.fullmatch(r"(\d{1,9}):([a-z]{3}):(\d{1,9}):(\d{1,9})", text, re.ASCII)
        return cls(int(found[1]), found[2], int(found[3]), int(found[4])) if found else cls(0, "", 0, 0)

    def __str__(self) -> str:
        return f"{self.cents}:{self.currency}:{self.monthly_credits}:{self.due_cents}"

    def is_still(self, now: "Offer") -> bool:
        """Return whether it is the same now, but for the time that has passed since."""
        same = (self.cents, self.currency, self.monthly_credits) == (now.cents, now.currency, now.monthly_credits)
        return same and abs(self.due_cents - now.due_cents) <= _DUE_MOVES_CENTS


def start_plan(user: User, plan: Plan, interval: str, *, form_key: UUID) -> str:
    """Return the address of a checkout for a plan.

    Raises: PlanNotOffered, AlreadySubscribed, UnknownPrice, ShopUnavailable.
    """
    if plan.is_free or not plan.is_offered or interval not in Interval.values:
        raise PlanNotOffered(plan.slug)
    _refuse_second(user)
    customer_id = _customer_of(user)
    # Paid in another tab a moment ago: the shop knows before its webhook has come.
    for state in stripe_reads.list_subscriptions(customer_id):
        if state.is_running:
            stripe_follow.follow_subscription(state.id)
            if state.latest_invoice_id:
                stripe_follow.follow_invoice(state.latest_invoice_id)
    _refuse_second(user)

    def open_checkout(price_id: str, key: str) -> CheckoutLink:
        return stripe_orders.start_subscription_checkout(
            customer_id,
            price_id,
            reference=reference_for(user, plan.key(interval)),
            success_url=f"{settings.SITE_URL}{DONE_PATH}",
            cancel_url=f"{settings.SITE_URL}{BACK_PATH}",
            key=key,
        )

    return _with_price(plan, interval, lambda price: _fresh_checkout(open_checkout, price, form_key))


def start_pack(user: User, pack: Pack, *, form_key: UUID) -> str:
    """Return the address of a checkout for a pack.

    Raises: PackNotOffered, NeedsPlan, UnknownPrice, ShopUnavailable.
    """
    if not pack.is_offered:
        raise PackNotOffered(pack.slug)
    if pack.needs_plan and plans.plan_of(user).is_free:
        raise NeedsPlan(pack.name)
    customer_id = _customer_of(user)

    def open_checkout(price_id: str, key: str) -> CheckoutLink:
        return stripe_orders.start_pack_checkout(
            customer_id,
            price_id,
            reference=reference_for(user, pack.key),
            success_url=f"{settings.SITE_URL}{DONE_PATH}",
            cancel_url=f"{settings.SITE_URL}{API_BACK_PATH if pack.product == Product.API else BACK_PATH}",
            key=key,
            keep_card=pack.product == Product.API,
        )

    return _with_price(pack, "", lambda price: _fresh_checkout(open_checkout, price, form_key))


def preview_change(user: User, plan: Plan, interval: str) -> Change:
    """Return what `change_plan` would cost at this moment, and when it would be in force.

    Raises: NotSubscribed, PlanNotOffered, AlreadyOnPlan, ShopUnavailable.
    """
    subscription = _changeable(user, plan, interval)
    if not _is_upgrade(subscription, plan, interval):
        return Change(False, 0, plan.currency, subscription.period_ends_at)
    found = _with_price(plan, interval, lambda price: stripe_orders.preview_change(subscription.subscription_id, price))
    return Change(True, max(0, found.due_cents), found.currency, timezone.now())


def change_plan(user: User, plan: Plan, interval: str, *, form_key: UUID, seen: Offer | None = None) -> Subscription:
    """Put the person on another plan: a dearer one at once, a cheaper or shorter one when the period ends.

    The plan they have, chosen again, takes back a cancellation or a change that waits. seen: what the person was shown;
    None where no person decides by a page.

    Raises: NotSubscribed, PlanNotOffered, AlreadyOnPlan, PriceChanged where it is not as seen, PaymentOverdue,
    PaymentDeclined, PaymentNeedsAction (the change waits there for 23 hours), ShopUnavailable.
    """
    subscription = _changeable(user, plan, interval)
    if (subscription.plan_id, subscription.interval) == (plan.pk, interval):
        return resume(user)
    if subscription.status == Subscription.Status.PAST_DUE:
        raise PaymentOverdue(_open_invoice_url(subscription))
    is_upgrade = _is_upgrade(subscription, plan, interval)
    verb = _change_now if is_upgrade else _change_later

    def check(price_id: str) -> None:
        if seen is None:
            return
        due = stripe_orders.preview_change(subscription.subscription_id, price_id).due_cents if is_upgrade else 0
        if not seen.is_still(Offer(plan.cents(interval), plan.currency, plan.monthly_credits, max(0, due))):
            raise PriceChanged

    def change(price_id: str) -> SubscriptionState:
        return verb(subscription.subscription_id, price_id, f"change:{form_key}:{price_id}", lambda: check(price_id))

    try:
        state = _with_price(plan, interval, change)
    except PaymentNeedsAction:
        with suppress(ShopUnavailable):  # its event tells it too, a little later
            stripe_follow.follow_subscription(subscription.subscription_id)
        raise
    if state.latest_invoice_id:
        stripe_follow.follow_invoice(state.latest_invoice_id)
    return stripe_follow.follow_subscription(state.id)


def cancel(user: User) -> Subscription:
    """Let the person's plan end with what is paid: at once, and no more tried, where the last payment failed.

    Raises: NotSubscribed, ShopUnavailable.
    """
    found = _running_or_raise(user)
    if found.status == Subscription.Status.PAST_DUE:
        stripe_orders.cancel_now(found.subscription_id)
    else:
        stripe_orders.cancel_at_period_end(found.subscription_id)
    return stripe_follow.follow_subscription(found.subscription_id)


def resume(user: User) -> Subscription:
    """Let the person's plan go on as it is. Raises: NotSubscribed, ShopUnavailable."""
    found = _running_or_raise(user)
    stripe_orders.resume(found.subscription_id)
    return stripe_follow.follow_subscription(found.subscription_id)


def portal_url(user: User) -> str:
    """Return the address of the shop's own pages about the person. Raises: NotSubscribed, ShopUnavailable."""
    customer = Customer.objects.filter(user=user).first()
    if customer is None:
        raise NotSubscribed
    _sync_where_needed()
    return stripe_orders.open_portal(customer.customer_id, f"{settings.SITE_URL}{PORTAL_BACK_PATH}").url


def invoices(user: User) -> list[InvoiceFacts]:
    """Return the person's invoices, newest first, at most INVOICES_SHOWN. Raises ShopUnavailable."""
    customer = Customer.objects.filter(user=user).first()
    if customer is None:
        return []
    try:
        return list(islice(stripe_reads.list_invoices(customer.customer_id), INVOICES_SHOWN))
    except UnknownInShop:
        return []


def charges(user: User, *, since: datetime) -> list[ChargeFacts]:
    """Return what the person's card was charged since then, newest first. Raises ShopUnavailable."""
    customer = Customer.objects.filter(user=user).first()
    if customer is None:
        return []
    try:
        return list(stripe_reads.list_charges(customer.customer_id, since))
    except UnknownInShop:
        return []


def complete_checkout(user: User, checkout_id: str) -> CheckoutFacts:
    """Apply what somebody who comes back from a checkout has bought, and return how the checkout stands.

    Raises: CheckoutNotFound for one that is somebody else's, ShopUnavailable.
    """
    try:
        facts = stripe_reads.fetch_checkout(checkout_id)
    except UnknownInShop:
        raise CheckoutNotFound from None
    if payer_of(facts.customer_id, facts.client_reference_id) != user:
        raise CheckoutNotFound
    try:
        stripe_follow.apply_checkout(facts)
    except NotOurs as error:
        logger.warning("checkout not applied", extra={"id": checkout_id, "reason": error})
        raise CheckoutNotFound from error
    return facts


# --- Parts of the verbs -----------------------------------------------------------------------------------------


def _refuse_second(user: User) -> None:
    found = subscriptions.running_of(user)
    if found is not None:
        raise AlreadySubscribed(found.plan_id, found.plan.name)


def _customer_of(user: User) -> str:
    """Return the person's customer id, made where there is none."""
    known = Customer.objects.filter(user=user).first()
    name = user.display_name
    customer_id = stripe_orders.ensure_customer(str(user.pk), user.email, name, known.customer_id if known else "")
    if known is None or known.customer_id != customer_id:
        Customer.objects.update_or_create(user=user, defaults={"customer_id": customer_id})
    return customer_id


def _sync_where_needed() -> None:
    if any(not plan.is_free and not plan.month_price_id for plan in plans.offered_plans()):
        plans.sync()


def _with_price(article: Plan | Pack, interval: str, use: Callable[[str], T]) -> T:
    """Use the shop's price of a plan or pack, after telling the shop what is for sale where it is not known there."""
    price_id = _price_of(article, interval)
    if price_id:
        try:
            return use(price_id)
        except UnknownPrice:
            pass  # of another shop, or replaced meanwhile
    plans.sync()
    article.refresh_from_db()
    price_id = _price_of(article, interval)
    if not price_id:
        raise UnknownPrice(price_id)  # given another amount meanwhile
    return use(price_id)


def _price_of(article: Plan | Pack, interval: str) -> str:
    return article.price_id(interval) if isinstance(article, Plan) else article.price_id


def _fresh_checkout(open_checkout: Callable[[str, str], CheckoutLink], price_id: str, form_key: UUID) -> str:
    """Return the address of the form's checkout; where that is over, of the next one for the same form."""
    for turn in range(1, _CHECKOUTS_A_FORM + 1):
        try:
            link = open_checkout(price_id, f"checkout:{form_key}:{price_id}:{turn}")
        except ShopRefused as error:
            if error.code != "checkout_over":
                raise
            continue
        # The shop repeats its first answer to a key, whatever became of the checkout since.
        if stripe_reads.fetch_checkout(link.id).status == "open":
            return link.url
    raise ShopRefused(gettext("Too many checkouts for one form."), code="checkout_over")


def _running_or_raise(user: User) -> Subscription:
    found = subscriptions.running_of(user)
    if found is None:
        raise NotSubscribed
    return found


def _changeable(user: User, plan: Plan, interval: str) -> Subscription:
    """Return the person's subscription, to which this change makes sense."""
    found = _running_or_raise(user)
    is_same = (found.plan_id, found.interval) == (plan.pk, interval)
    if is_same and not (found.cancels_at_period_end or found.next_plan_id):
        raise AlreadyOnPlan(plan.name)
    if not is_same and (plan.is_free or not plan.is_offered or interval not in Interval.values):
        raise PlanNotOffered(plan.slug)
    return found


def _is_upgrade(subscription: Subscription, plan: Plan, interval: str) -> bool:
    """Return whether a change is dearer, no shorter and brings no less a month.

    Anything else waits for the period's end: at once, the shop would pay back what has brought its credits already.
    """
    is_shorter = subscription.interval == Interval.YEAR and interval == Interval.MONTH
    brings_less = plan.monthly_credits < subscription.plan.monthly_credits
    dearer = plan.cents(interval) >= subscription.plan.cents(subscription.interval)
    return dearer and not is_shorter and not brings_less


def _change_now(subscription_id: str, price_id: str, key: str, check: Callable[[], None]) -> SubscriptionState:
    state = stripe_reads.fetch_subscription(subscription_id)
    if state.price_id == price_id:
        return state  # a second click
    check()
    return stripe_orders.change_plan_now(subscription_id, price_id, key=key)


def _change_later(subscription_id: str, price_id: str, key: str, check: Callable[[], None]) -> SubscriptionState:
    """Note a change for the period's end; a second click finds it noted, even one that comes meanwhile."""
    state = stripe_reads.fetch_subscription(subscription_id)
    if state.next_price_id == price_id:
        return state
    check()
    try:
        return stripe_orders.change_plan_at_period_end(subscription_id, price_id, key=key)
    except ShopRefused:
        state = stripe_reads.fetch_subscription(subscription_id)
        if state.next_price_id == price_id:
            return state
        raise


def _open_invoice_url(subscription: Subscription) -> str:
    state = stripe_reads.fetch_subscription(subscription.subscription_id)
    return stripe_reads.fetch_invoice(state.latest_invoice_id).url if state.latest_invoice_id else ""
