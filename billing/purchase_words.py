"""What the site says after a purchase."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

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
        return Thanks(gettext("This checkout has expired. Nothing was charged."))
    if not checkout.is_paid:
        return Thanks(gettext("Thank you. Your bank still has to confirm the payment; the credits come then."))
    paid = Payment.objects.filter(payment_id=checkout.invoice_id).select_related("subscription").first()
    if paid and paid.subscription and paid.subscription.is_duplicate:
        return Thanks(
            gettext("You have a plan already, so this second one has ended, and its money goes back to your card.")
        )
    if paid and _brings_nothing(paid):
        return Thanks(
            gettext("Your payment has arrived, but its amount does not fit. We have been told and look into it.")
        )
    for line in checkout.lines:
        if found := plans.plan_of_price(line.price_id, line.key):
            plan = found[0]
            return Thanks(
                gettext("Welcome to %(plan)s: %(credits)s credits a month, the free ones among them.")
                % {"plan": plan.name, "credits": f"{plan.monthly_credits:,}"}
            )
        pack = plans.pack_of_price(line.price_id, line.key)
        if pack and pack.product == Product.API:
            return Thanks(
                gettext("Thank you. %(credits)s credits are here, in your API wallet.")
                % {"credits": f"{pack.credits:,}"},
                "pricing_api",
            )
        if pack:
            return Thanks(gettext("Thank you. %(credits)s credits are here.") % {"credits": f"{pack.credits:,}"})
    return Thanks(gettext("Thank you. Your payment has arrived."))


def changed_to(subscription: Subscription) -> str:
    """Say what a change of plan has done."""
    if subscription.next_plan is not None:
        day = _day(subscription.period_ends_at)
        return gettext("%(name)s follows on %(day)s. Until then nothing changes.") % {
            "name": subscription.next_plan.name,
            "day": day,
        }
    plan = subscription.plan
    return gettext("You are on %(plan)s now: %(credits)s credits a month.") % {
        "plan": plan.name,
        "credits": f"{plan.monthly_credits:,}",
    }


def ended(subscription: Subscription) -> str:
    """Say that a plan ends, and when."""
    if not subscription.is_running:
        return gettext("%(plan)s has ended. Nothing more is charged.") % {"plan": subscription.plan.name}
    return gettext("Your plan is cancelled. You have %(plan)s until %(day)s.") % {
        "plan": subscription.plan.name,
        "day": _day(subscription.period_ends_at),
    }


def resumed(subscription: Subscription) -> str:
    """Say that a plan goes on."""
    return gettext("%(plan)s goes on. It renews on %(day)s.") % {
        "plan": subscription.plan.name,
        "day": _day(subscription.period_ends_at),
    }


def _brings_nothing(payment: Payment) -> bool:
    """Return whether a payment is for less than its price, so that no credits came."""
    return not payment.credits if payment.pack_id else payment.kind == Payment.Kind.PLAN and not payment.months


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")
