"""Where a visit comes from, as keyed hashes: enough to see that two come from one place, too little to say which."""

import ipaddress
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts.client_address import address_of

_COOKIE = "device"
_SALT = "accounts.places"
_YEAR_SECONDS = 31_536_000
# A household's or a server's share of IPv6; each machine in it has addresses as it likes.
_IPV6_PREFIX = 64


def network_of(request: HttpRequest) -> str:
    """Return the hash of the visitor's public network address; empty where none is known.

    An address that is not public says nothing about the visitor: it is a proxy's that TRUSTED_PROXY_COUNT does not
    name, or everybody's in the house.
    """
    try:
        address = ipaddress.ip_address(address_of(request))
    except ValueError:
        return ""
    if not address.is_global:
        return ""
    prefix = _IPV6_PREFIX if address.version == 6 else address.max_prefixlen
    return _hash(str(ipaddress.ip_network((address, prefix), strict=False)))


def device_of(request: HttpRequest) -> str:
    """Return the hash of the name that this browser carries; empty for one that carries none."""
    name = request.get_signed_cookie(_COOKIE, default="", salt=_SALT)
    return _hash(name) if name else ""


def name_device(request: HttpRequest, response: HttpResponse) -> str:
    """Give the browser a name by which it is recognised, unless it has one; returns its hash."""
    if known := device_of(request):
        return known
    name = secrets.token_urlsafe(16)
    response.set_signed_cookie(
        _COOKIE,
        name,
        salt=_SALT,
        max_age=_YEAR_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return _hash(name)


def _hash(place: str) -> str:
    return salted_hmac(_SALT, place, algorithm="sha256").hexdigest()[:32]
