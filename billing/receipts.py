"""What a payment's receipt says: what was paid for, the money that came and went back, the credits likewise."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, gettext_noop

from accounts.models import User
from billing.models import Interval, Payment
from billing.money import amount

_SPANS = {Interval.MONTH: gettext_noop("%(name)s, by the month"), Interval.YEAR: gettext_noop("%(name)s, by the year")}


@dataclass(frozen=True)
class Receipt:
    """A receipt, its amounts in words."""

    number: str
    what: str
    paid_at: datetime
    buyer: str
    card: str
    net: str
    tax: str
    total: str
    refunded: str
    kept: str
    # The credits it brought (a plan's come month by month), and what of them was taken back or is owed.
    credits: int
    is_pack: bool
    taken_back: int
    owed: int
    dispute: str
    shop_number: str


@dataclass(frozen=True)
class PaidLine:
    """A payment in a list; `refunded` is empty where no money went back."""

    payment: Payment
    what: str
    total: str
    refunded: str


def receipt_of(payment: Payment) -> Receipt:
    """Return the receipt of a payment; `refunded` and `kept` are empty where no money went back."""

    def words(cents: int) -> str:
        return amount(cents, payment.currency, exact=True)

    return Receipt(
        number=number_of(payment),
        what=what_was_paid(payment),
        paid_at=payment.paid_at,
        buyer=payment.wallet.user.email,
        card=payment.subscription.card if payment.subscription else "",
        net=words(payment.amount_cents - payment.tax_cents) if payment.tax_cents else "",
        tax=words(payment.tax_cents) if payment.tax_cents else "",
        total=words(payment.amount_cents),
        refunded=words(-payment.refunded_cents) if payment.refunded_cents else "",
        kept=words(payment.amount_cents - payment.refunded_cents) if payment.refunded_cents else "",
        credits=payment.credits,
        is_pack=payment.pack is not None,
        taken_back=payment.taken_back,
        owed=payment.owed,
        dispute=payment.get_dispute_display() if payment.dispute else "",
        shop_number=payment.payment_id,
    )


def number_of(payment: Payment) -> str:
    """Return the number that a receipt goes by."""
    return payment.pk.hex[-12:].upper()


def what_was_paid(payment: Payment) -> str:
    """Return what a payment was for: "Starter, by the month", "5,000 credits"."""
    if payment.pack is not None:
        return payment.pack.name
    if payment.plan is None:
        return payment.get_kind_display()
    name = payment.plan.name
    if payment.interval:
        name = gettext(_SPANS[Interval(payment.interval)]) % {"name": name}
    return gettext("Change to %(name)s") % {"name": name} if payment.kind == Payment.Kind.UPGRADE else name


def payments_of(user: User) -> list[PaidLine]:
    """Return what somebody paid, for the site and the API, the newest first."""
    found = Payment.objects.filter(wallet__user=user).select_related("plan", "pack").order_by("-paid_at", "-id")
    return [
        PaidLine(
            payment=payment,
            what=what_was_paid(payment),
            total=amount(payment.amount_cents, payment.currency, exact=True),
            refunded=amount(payment.refunded_cents, payment.currency, exact=True) if payment.refunded_cents else "",
        )
        for payment in found
    ]
