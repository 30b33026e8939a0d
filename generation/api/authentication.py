"""Who calls the API: whoever sends a key as `Authorization: Bearer KEY`. Cookies and sessions open nothing here."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts import api_keys
from accounts.client_address import address_of
from accounts.errors import KeyRefused, Refusal
from accounts.models import ApiKey, User

_SCHEME = "Bearer"

# What the caller is told. Everything that is no key of ours, or whose owner may not come in, reads the same.
_WORDS = {
    Refusal.UNKNOWN: (
        "invalid_api_key",
        "This API key is not valid. Check it, or create one under Settings, API keys.",
    ),
    Refusal.REVOKED: ("api_key_revoked", "This API key was revoked. Use another, or create one."),
    Refusal.EXPIRED: ("api_key_expired", "This API key has expired. Use another, or create one."),
    Refusal.REPLACED: ("api_key_replaced", "This API key was rotated and its time is over. Use the new one."),
}


class KeyAuthentication(BaseAuthentication):
    """Sets `request.user` to the key's owner and `request.auth` to the key."""

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme: with it a refusal is 401, without it DRF would say 403."""
        return _SCHEME

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Return who calls and with which key; None where no key was sent.

        Raises: AuthenticationFailed, PermissionDenied (from a network that the key does not allow).
        """
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != _SCHEME.lower().encode():
            return None
        if len(words) != 2:
            detail = "The Authorization header must read “Bearer” and one API key, with a blank between them."
            raise AuthenticationFailed(detail, "invalid_authorization_header")
        try:
            key = api_keys.verify(words[1].decode("latin-1"), address_of(request._request))
        except KeyRefused as error:
            raise translated(error) from error
        return key.user, key


def translated(error: KeyRefused) -> APIException:
    """Return the refusal in the API's words."""
    if error.reason == Refusal.NETWORK:
        detail = f"This API key may not be used from {error.address or 'this address'}."
        return PermissionDenied(detail, "network_not_allowed")
    code, detail = _WORDS[error.reason]
    return AuthenticationFailed(detail, code)
