"""What the shop answers when it refuses, in Stripe's words and with Stripe's status codes."""

from typing import Any

from billing.test_shop.documents import Document

DECLINES = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "live_mode_test_card": ("card_declined", "Your card was declined. This is a test shop: use a test card."),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "authentication_required": (
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    ),
    "authentication_failed": (
        "payment_intent_authentication_failure",
        "We are unable to authenticate your payment method. Please choose a different one and try again.",
    ),
}


class ShopError(Exception):
    """An answer that is an error. `keeps` says whether what the request did so far stays."""

    def __init__(self, status: int, kind: str, message: str, *, keeps: bool = False, **facts: Any) -> None:
        self.status = status
        self.keeps = keeps
        self.body = {"type": kind, "message": message, **{key: value for key, value in facts.items() if value}}
        super().__init__(message)


def invalid(message: str, param: str = "", code: str = "") -> ShopError:
    """Return the 400 for a request that makes no sense."""
    return ShopError(400, "invalid_request_error", message, param=param, code=code)


def missing(what: str, id: str, param: str = "id") -> ShopError:
    """Return the error for an object that is not there: 404 in the address, 400 in a parameter."""
    message = f"No such {what}: '{id}'"
    return ShopError(
        404 if param == "id" else 400, "invalid_request_error", message, param=param, code="resource_missing"
    )


def declined(reason: str, *, charge: str = "", intent: Document | None = None, keeps: bool = True) -> ShopError:
    """Return the 402 for a card that was declined for one of DECLINES."""
    code, message = DECLINES[reason]
    return ShopError(
        402,
        "card_error",
        message,
        code=code,
        decline_code=reason if code in ("card_declined", "authentication_required") else "",
        charge=charge,
        payment_intent=intent,
        keeps=keeps,
    )
