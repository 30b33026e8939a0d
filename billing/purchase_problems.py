"""What went wrong with a purchase, in words for the person: what happened to their money, and what they can do."""

from dataclasses import dataclass

from django.utils.translation import gettext

from billing import stripe_gateway
from billing.errors import (
    BillingError,
    PaymentDeclined,
    PaymentNeedsAction,
    PaymentOverdue,
    PriceChanged,
    PurchaseRefused,
    ShopUnavailable,
    UnknownPrice,
)


@dataclass(frozen=True)
class Problem:
    """A message beside the button that led to it, and the way on from there."""

    title: str
    text: str
    status: int = 422
    # Where it goes on, and what the link says.
    url: str = ""
    link: str = ""
    # Whether the open invoice is the way on, whose address has yet to be asked for.
    opens_invoice: bool = False
    # Whether the shop's own pages, where the card is changed, are the way on.
    opens_portal: bool = False
    # Whether the same form may be sent again: nobody knows whether the shop heard the first one.
    keeps_key: bool = False


def problem_of(error: BillingError) -> Problem:
    """Return the message for whatever a purchase raised."""
    match error:
        case PaymentDeclined():
            said = error.message or gettext("The bank did not say why.")
            text = gettext(
                "%(said)s Nothing was charged and nothing has changed. Use another card, then try again."
            ) % {"said": said}
            return Problem(gettext("The card was declined"), text, opens_portal=True)
        case PaymentNeedsAction():
            text = gettext("Your bank wants you to confirm this payment. The change comes as soon as you have.")
            link = gettext("Confirm with my bank")
            return Problem(gettext("One step is left"), text, url=error.url, link=link, opens_invoice=not error.url)
        case PaymentOverdue():
            text, link = str(error), gettext("Pay it now")
            return Problem(gettext("A payment is open"), text, url=error.url, link=link, opens_invoice=not error.url)
        case ShopUnavailable() if not stripe_gateway.is_open():
            text = gettext("Nothing can be bought on this site so far; everything that is free works.")
            return Problem(gettext("Payments are not set up yet"), text, status=503)
        case ShopUnavailable():
            text = gettext("Nothing was charged. Try again in a minute; your choice stays as it is.")
            return Problem(gettext("Our payment partner can’t be reached"), text, status=503, keeps_key=True)
        case UnknownPrice():
            text = gettext("Its price is being changed at this moment. Nothing was charged; try again in a minute.")
            return Problem(gettext("This can’t be bought just now"), text)
        case PriceChanged():
            return Problem(gettext("The price has changed"), str(error))
        case PurchaseRefused():
            return Problem(gettext("This is not possible"), str(error))
    text = gettext(
        "Nothing was charged and nothing has changed. Try again; if it stays like this, tell us and we look into it."
    )
    return Problem(gettext("This did not work"), text)
