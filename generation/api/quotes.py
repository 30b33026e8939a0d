"""Prices that bind: a quote's id carries the price, signed, so that nothing is stored for prices nobody takes."""

from django.core import signing

from accounts.models import User
from generation.api.problems import problem
from generation.params import TextToImageParams
from generation.pricing import Quote

BINDING_SECONDS = 600
_PREFIX = "quote_"
_signer = signing.TimestampSigner(salt="generation.api.quotes")


def identify(user: User, params: TextToImageParams, quote: Quote) -> str:
    """Return the id under which this price holds for these settings and this account."""
    facts = [user.pk.hex, params.fingerprint(), quote.credits_per_image, quote.version]
    return _PREFIX + _signer.sign_object(facts)


def honoured(quote_id: str, user: User, params: TextToImageParams) -> Quote:
    """Return the price that was promised. Raises: Problem where this id promises none for these settings."""
    try:
        facts = _signer.unsign_object(quote_id.removeprefix(_PREFIX), max_age=BINDING_SECONDS)
    except signing.SignatureExpired:
        detail = f"This quote is older than {BINDING_SECONDS // 60} minutes. Ask for another."
        raise problem(400, "quote_expired", detail, param="quoteId") from None
    except signing.BadSignature:
        raise problem(400, "unknown_quote", "There is no such quote. Ask for one.", param="quoteId") from None
    owner, fingerprint, credits_per_image, version = facts
    if owner != user.pk.hex:
        raise problem(400, "unknown_quote", "There is no such quote. Ask for one.", param="quoteId")
    if fingerprint != params.fingerprint():
        detail = "This quote is for other settings. Send the ones you asked about, or ask for another."
        raise problem(400, "quote_mismatch", detail, param="quoteId")
    return Quote(credits_per_image, params.num_images, (), version)
