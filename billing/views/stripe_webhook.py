"""Where the shop tells what happened: checked, kept, answered; the work is done afterwards."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing import stripe_events, stripe_gateway
from billing.errors import BadSignature

# The largest events have some hundred KiB.
MAX_BYTES = 1024 * 1024


@csrf_exempt  # the signature says who sends it
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Keep an event of the shop's. Nobody else learns why theirs is refused."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        return HttpResponse(status=413)
    try:
        envelope = stripe_gateway.verify_event(request.body, request.headers.get("Stripe-Signature", ""))
    except BadSignature:
        return HttpResponse(status=400)
    stripe_events.receive(envelope)
    return HttpResponse(status=200)
