"""The calendar of somebody's credits, for calendar programs: no login, the address is the key."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest, signed_in
from billing import calendar_feed, forecast, ledger


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Send what comes in the next twelve months. An address that was replaced or made up is not found."""
    wallet = calendar_feed.wallet_of(token)
    if wallet is None:
        raise Http404("No such calendar.")
    now = timezone.now()
    text = calendar_feed.render(forecast.facts_of(wallet, now), now)
    headers = {"Content-Disposition": 'inline; filename="credits.ics"', "Cache-Control": "private, max-age=3600"}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


@require_POST
@signed_in
def renew(request: SignedInRequest) -> HttpResponse:
    """Give one's calendar another address; whoever has the one before sees nothing from now on."""
    calendar_feed.renew(ledger.wallet_of(request.user))
    return HttpResponseRedirect(f"{reverse('billing:settings')}#calendar")
