"""`/v1/diffusions/{id}/events` at the web process: the way to the events process, which keeps the stream."""

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.response import Response

from generation.api import event_tickets, finding
from generation.api.openapi import describe
from generation.api.problems import Problem
from generation.api.resource import Resource

# Left in the cache by the events process again and again while it runs.
SIGN_OF_LIFE = "events:alive"


class DiffusionEvents(Resource):
    """Where one run's events are to be had."""

    @describe(
        "streamDiffusion",
        "Follow it",
        answers={204: "", 307: ""},
        stream="Behind the 307: server-sent events. After the last one's id in Last-Event-ID it is 204.",
        refusals=[501],
    )
    def get(self, request: Request, diffusion_id: str) -> Response:
        """Follow the answer's Location (307) to a stream of server-sent events; 501 where there is none.

        A `status` event holds the diffusion, a `progress` event how far it is; the stream ends with the run.
        """
        key = self.key_of(request)
        job = finding.find(key, diffusion_id).job
        if not settings.EVENTS_URL or not cache.get(SIGN_OF_LIFE):
            detail = "Event streams are not running on this installation. Poll the diffusion, or use a webhook."
            raise Problem(501, "server_error", "Not available here", detail, "events_unavailable")
        ticket = event_tickets.make(event_tickets.way_of(key.pk, key.digest_used), job.pk)
        location = f"{settings.EVENTS_URL}/v1/diffusions/{job.pk}/events?ticket={ticket}"
        return Response(status=307, headers={"Location": location, "Cache-Control": "no-store"})
