"""Before a change to the account, whoever has neither password nor second factor shows once more who they are: by the
site through which they log in. allauth would let whoever holds a session of theirs do what it asks all others about.
"""

import time
from typing import Any
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter as get_voucher_adapter
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from accounts import connected
from accounts.models import User

_ANSWERS = {f"{site}_callback" for site in connected.NAMES}


def ask(request: HttpRequest) -> None:
    """Lead to the page that asks, unless it was done lately. Raises: ImmediateHttpResponse.

    Who can say it by a password or a second factor is asked by allauth; somebody whose sites are all gone can't be.
    """
    user = request.user
    if not isinstance(user, User) or get_adapter().get_reauthentication_methods(user):
        return
    if sites_of(request, user) and not _was_vouched_for_lately(request, user):
        way = f"{reverse('accounts:vouch_again')}?{urlencode({'next': _way_back(request)})}"
        raise ImmediateHttpResponse(HttpResponseRedirect(way))


def sites_of(request: HttpRequest, user: User) -> list[Any]:
    """Return the sites that can vouch for the person, as allauth knows them."""
    theirs = {row.site_id for row in connected.of(user)}
    return [site for site in get_voucher_adapter().list_providers(request) if site.id in theirs]


def _way_back(request: HttpRequest) -> str:
    """Return the page that asked; the answer of a site that was to be connected is good only once."""
    asked = request.resolver_match
    is_answer = asked is not None and asked.url_name in _ANSWERS
    return reverse("socialaccount_connections") if is_answer else request.get_full_path()


def _was_vouched_for_lately(request: HttpRequest, user: User) -> bool:
    moments = [row["at"] for row in get_authentication_records(request, user) if row["method"] == "socialaccount"]
    return bool(moments) and time.time() - max(moments) < app_settings.REAUTHENTICATION_TIMEOUT
