"""Who may follow a run's events: whoever may see it. The same refusals as everywhere in the API, word for word."""

import uuid
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import networks
from accounts.client_address import address_of
from accounts.errors import KeyRefused, Refusal
from accounts.models import ApiKey, User
from generation.api import event_tickets, finding
from generation.api.authentication import KeyAuthentication, translated
from generation.api.event_hub import State, is_open_to, state_of
from generation.api.event_tickets import Way
from generation.api.resource import Resource


class TicketAuthentication(BaseAuthentication):
    """Lets in who comes with a ticket, as the owner of the key that it was made with."""

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme."""
        return "Bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Return who comes; None without a ticket.

        Raises: AuthenticationFailed, PermissionDenied (from a network that the key does not allow).
        """
        ticket = request.query_params.get("ticket")
        if ticket is None:
            return None
        diffusion_id = str(request.parser_context["kwargs"]["diffusion_id"])
        way = event_tickets.read(ticket, diffusion_id)
        key = ApiKey.objects.select_related("user").filter(pk=way.key_id).first() if way else None
        if way is None or key is None or not is_open_to(key, way):
            raise AuthenticationFailed("This address has expired. Ask for the events anew.", "ticket_expired")
        address = address_of(request._request)
        if key.allowed_networks and not networks.contains(key.allowed_networks, address):
            raise translated(KeyRefused(Refusal.NETWORK, address))
        key.digest_used = way.digest_start
        return key.user, key


class Admitted(Response):
    """The answer to who may come in; it is not sent, a stream takes its place."""

    def __init__(self, job_id: uuid.UUID, user: User, state: State, way: Way) -> None:
        super().__init__(status=200)
        self.job_id, self.user, self.state, self.way = job_id, user, state, way


class Admission(Resource):
    """The door of a stream."""

    authentication_classes = (TicketAuthentication, KeyAuthentication)

    def get_throttles(self) -> list[Any]:
        """Count no ticket: the request that got it was counted."""
        return [] if "ticket" in self.request.query_params else super().get_throttles()

    def get(self, request: Request, diffusion_id: str) -> Response:
        """Let in who may see the run."""
        key = self.key_of(request)
        found = finding.find(key, diffusion_id)
        way = event_tickets.way_of(key.pk, key.digest_used)
        return Admitted(found.job.pk, self.user_of(request), state_of(found), way)
