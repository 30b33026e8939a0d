"""Where a request comes from: the address behind as many proxies as are trusted."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the client's address; empty where none can be told (a Unix socket without a trusted proxy)."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""
