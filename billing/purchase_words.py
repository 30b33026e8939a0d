"""What the site says after a purchase."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from billing import plans
from billing.models import Payment, Product, Subscription
from billing.payment_facts import CheckoutFacts


@dataclass(frozen=True)
class Thanks:
    """A word of thanks, and the name of the page on which what was bought is seen."""

    text: str
    page: str = "billing:settings"


def thanks_for(checkout: CheckoutFacts) -> Thanks:
    """Say what a checkout that is over has brought."""
    if checkout.status == "expired":
        return Thanks("This checkout has expired. Nothing was charged.")
    if not checkout.is_paid:
        return Thanks("Thank you. Your bank still has to confirm the payment; the credits come then.")
    paid = Payment.objects.filter(payment_id=checkout.invoice_id).select_related("subscription").first()
    if paid and paid.subscription and paid.subscription.is_duplicate:
        return Thanks("You have a plan already, so this second one has ended, and its money goes back to your card.")
    if paid and _brings_nothing(paid):
        return Thanks("Your payment has arrived, but its amount does not fit. We have been told and look into it.")
    for line in checkout.lines:
        if found := plans.plan_of_price(line.price_id, line.key):
            plan = found[0]
            return Thanks(f"Welcome to {plan.name}: {plan.monthly_credits:,} credits a month.")
        pack = plans.pack_of_price(line.price_id, line.key)
        if pack and pack.product == Product.API:
            return Thanks(f"Thank you. {pack.credits:,} credits are here, in your API wallet.", "pricing_api")
        if pack:
            return Thanks(f"Thank you. {pack.credits:,} credits are here.")
    return Thanks("Thank you. Your payment has arrived.")


def changed_to(subscription: Subscription) -> str:
    """Say what a change of plan has done."""
    if subscription.next_plan is not None:
        day = _day(subscription.period_ends_at)
        return f"{subscription.next_plan.name} follows on {day}. Until then nothing changes."
    plan = subscription.plan
    return f"You are on {plan.name} now: {plan.monthly_credits:,} credits a month."


def ended(subscription: Subscription) -> str:
    """Say that a plan ends, and when."""
    if not subscription.is_running:
        return f"{subscription.plan.name} has ended. Nothing more is charged."
    return f"Your plan is cancelled. You have {subscription.plan.name} until {_day(subscription.period_ends_at)}."


def resumed(subscription: Subscription) -> str:
    """Say that a plan goes on."""
    return f"{subscription.plan.name} goes on. It renews on {_day(subscription.period_ends_at)}."


def _brings_nothing(payment: Payment) -> bool:
    """Return whether a payment is for less than its price, so that no credits came."""
    return not payment.credits if payment.pack_id else payment.kind == Payment.Kind.PLAN and not payment.months


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")
