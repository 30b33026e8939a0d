"""What can go wrong with credits, with the facts a caller needs to say so."""

from uuid import UUID

from django.utils.translation import gettext, gettext_noop

NO_CARD = gettext_noop("There is no card to charge. Add one first.")
NOT_PAID = gettext_noop("The payment did not go through.")


class BillingError(Exception):
    """Whatever billing refuses."""


class InsufficientCredits(BillingError):
    """The wallet has fewer credits than asked for; nothing was taken."""

    def __init__(self, required: int, available: int) -> None:
        self.required = required
        self.available = available
        super().__init__(
            gettext("%(required)s credits are needed, %(available)s are there.")
            % {"required": required, "available": available}
        )

    @property
    def missing(self) -> int:
        """How many credits are lacking."""
        return self.required - self.available


class KeyReused(BillingError):
    """An idempotency key came again for something else than the first time."""

    def __init__(self, key: str, fact: str, first: object, now: object) -> None:
        self.key = key
        self.fact = fact
        super().__init__(
            gettext("The key %(key)s was used before with %(fact)s %(first)s, not %(now)s.")
            % {"key": f"{key!r}", "fact": fact, "first": first, "now": now}
        )


class HoldOverdrawn(BillingError):
    """More was to be settled than the hold still has open; nothing was settled."""

    def __init__(self, hold_id: UUID, requested: int, open_credits: int) -> None:
        self.hold_id = hold_id
        self.requested = requested
        self.open_credits = open_credits
        super().__init__(
            gettext("Hold %(hold_id)s has %(open_credits)s credits open; %(requested)s cannot be settled.")
            % {"hold_id": hold_id, "open_credits": open_credits, "requested": requested}
        )


class AppendOnly(BillingError):
    """A line of the ledger was to be changed or deleted."""

    def __init__(self, entry_id: int) -> None:
        self.entry_id = entry_id
        super().__init__(
            gettext("Ledger entry %(entry_id)s is written; a correction is a new entry.") % {"entry_id": entry_id}
        )


class PaymentError(BillingError):
    """Whatever the shop refuses or fails at."""


class ShopUnavailable(PaymentError):
    """The shop cannot be reached, is broken or not set up; nothing is known to have happened. Try again later."""


class PaymentDeclined(PaymentError):
    """A card was declined. The message is the shop's, for the person."""

    def __init__(self, message: str, code: str = "", *, charge_id: str = "") -> None:
        self.message = message
        self.code = code
        self.charge_id = charge_id
        super().__init__(message)


class PaymentNeedsAction(PaymentError):
    """The bank wants its customer to confirm; `url` is the page where they can, or empty."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        super().__init__(gettext("The bank asks to confirm this payment."))


class PaymentPending(PaymentError):
    """The bank has neither paid nor declined yet; nothing is to be asked for again."""


class UnknownPrice(PaymentError):
    """The shop does not sell this."""

    def __init__(self, price_id: str) -> None:
        self.price_id = price_id
        super().__init__(
            gettext("The shop knows no price %(price_id)s that can be bought.") % {"price_id": f"{price_id!r}"}
        )


class UnknownInShop(PaymentError):
    """The shop has no such object."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class ShopRefused(PaymentError):
    """The shop says that a request makes no sense: a fault here, or an object that has moved on."""

    def __init__(self, message: str, param: str = "", code: str = "") -> None:
        self.message = message
        self.param = param
        self.code = code
        super().__init__(f"{message} ({param or 'no parameter'}, {code or 'no code'})")


class BadSignature(PaymentError):
    """A webhook that the shop did not sign, or too long ago."""


class PurchaseRefused(BillingError):
    """Whatever the site itself does not sell; the message is for the person."""


class PlanNotOffered(PurchaseRefused):
    """A plan that nobody can choose (any more), or that costs nothing."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        super().__init__(
            gettext("The plan “%(slug)s” can't be bought. Choose one from the pricing page.") % {"slug": slug}
        )


class PackNotOffered(PurchaseRefused):
    """A pack that nobody can buy (any more)."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        super().__init__(
            gettext("The pack “%(slug)s” can't be bought. Choose one from the pricing page.") % {"slug": slug}
        )


class AlreadySubscribed(PurchaseRefused):
    """Somebody with a running plan wants to subscribe: they change it instead. `slug` is the plan they have."""

    def __init__(self, slug: str, name: str) -> None:
        self.slug = slug
        super().__init__(
            gettext("You have the plan %(name)s already. Change it under Settings → Billing.") % {"name": name}
        )


class AlreadyOnPlan(PurchaseRefused):
    """A change to what somebody has."""

    def __init__(self, name: str) -> None:
        super().__init__(gettext("You have the plan %(name)s already; nothing would change.") % {"name": name})


class NotSubscribed(PurchaseRefused):
    """There is no running plan to change, cancel or resume."""

    def __init__(self) -> None:
        super().__init__(gettext("You have no paid plan at the moment."))


class PriceChanged(PurchaseRefused):
    """A change of plan costs or brings something else than its person saw; nothing was charged."""

    def __init__(self) -> None:
        super().__init__(
            gettext("Its price or credits have changed since you saw them. Nothing was charged: this is how it is now.")
        )


class NeedsPlan(PurchaseRefused):
    """A pack that only a paid plan can be filled up with."""

    def __init__(self, name: str) -> None:
        super().__init__(gettext("%(name)s can be bought with a paid plan. Choose a plan first.") % {"name": name})


class PaymentOverdue(PurchaseRefused):
    """A plan whose last payment failed is paid before it is changed; `url` is the page where, or empty."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        super().__init__(gettext("Your last payment failed. Pay it first, then change the plan."))


class CheckoutNotFound(PurchaseRefused):
    """No checkout of this person has this id."""

    def __init__(self) -> None:
        super().__init__(gettext("We know no such purchase of yours."))


class NotOurs(BillingError):
    """What the shop tells is about nobody and nothing that this site knows."""


class Outdated(BillingError):
    """What was fetched may be older than what is written already; fetch it again."""
