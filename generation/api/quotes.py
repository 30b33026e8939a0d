"""Prices that bind: a quote's id carries the price, signed, so that nothing is stored for prices nobody takes."""

from typing import Any

from django.core import signing

from accounts.models import ApiKey
from generation.api.problems import Problem, problem
from generation.params import Params
from generation.pricing import Quote

BINDING_SECONDS = 600
_PREFIX = "quote_"
_signer = signing.TimestampSigner(salt="generation.api.quotes")


def identify(key: ApiKey, params: Params, quote: Quote) -> str:
    """Return the id under which this price holds, for this account and for whatever prompt and seed."""
    return _PREFIX + _signer.sign_object([*_facts(key, params), quote.credits_per_image, quote.version])


def honoured(quote_id: str, key: ApiKey, params: Params) -> Quote:
    """Return the price that was promised. Raises: Problem where this id promises none for these settings."""
    try:
        facts = _signer.unsign_object(quote_id.removeprefix(_PREFIX), max_age=BINDING_SECONDS)
    except signing.SignatureExpired:
        detail = f"This quote is older than {BINDING_SECONDS // 60} minutes. Ask for another."
        raise problem(409, "quote_expired", detail, param="quoteId") from None
    except signing.BadSignature:
        raise _unknown() from None
    *promised, credits_per_image, version = facts
    wanted = _facts(key, params)
    if promised[:2] != wanted[:2]:
        raise _unknown()
    if promised != wanted:
        detail = "This quote is for other settings. Send the ones you asked about, or ask for another."
        raise problem(409, "quote_mismatch", detail, param="quoteId")
    return Quote(credits_per_image, params.num_images, (), version)


def _facts(key: ApiKey, params: Params) -> list[Any]:
    """Return what a price depends on: who pays, and the settings."""
    return [key.user_id.hex, key.is_test, params.task, params.model, *params.price_facts()]


def _unknown() -> Problem:
    return problem(409, "unknown_quote", "There is no such quote. Ask for one.", param="quoteId")
