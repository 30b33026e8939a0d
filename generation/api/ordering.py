"""From a request to a run: read, priced, claimed under its Idempotency-Key, placed."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from rest_framework.request import Request

from accounts.models import ApiKey, User
from generation import catalog, lifecycle, pricing
from generation.api import quotes, requests
from generation.api.problems import problem
from generation.api.requests import DiffusionRequest
from generation.models import Job
from generation.orders import Order
from generation.params import TextToImageParams


@dataclass(frozen=True)
class Placed:
    """The run of a request, and what the answer's headers say about it."""

    job: Job
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_replayed(self) -> bool:
        """Whether the request had been sent before."""
        return bool(self.headers)


def place(request: Request, user: User, key: ApiKey) -> Placed:
    """Make the run that a body asks for. Raises: Problem and the errors of `lifecycle.place`."""
    body: Mapping[str, Any] = request.data
    return place_read(request, user, key, requests.read(body), body)


def place_read(request: Request, user: User, key: ApiKey, wanted: DiffusionRequest, body: Mapping[str, Any]) -> Placed:
    """Make the run of a body that was read already. Raises: Problem and the errors of `lifecycle.place`."""
    params, served_by = params_for(key, wanted)
    quote = quotes.honoured(wanted.quote_id, user, params) if wanted.quote_id else pricing.quote(params)
    repeated_by = requests.idempotency_key(request.headers)
    wait = requests.cancel_after(request.headers)
    order = Order(
        user=user,
        params=params,
        quote=quote,
        served_by=served_by,
        submit_key=_submit_key(key, repeated_by),
        api_key=key,
        digest=requests.digest(request.path, body),
        ref=wanted.ref,
        cancel_after=timezone.now() + wait if wait else None,
    )
    job = lifecycle.place(order)
    if job.request_digest != order.digest:
        detail = "This Idempotency-Key was used for another request. Send each new request under a new key."
        raise problem(409, "idempotency_key_reused", detail, param="Idempotency-Key")
    return Placed(job, {"Idempotency-Replayed": "true"} if job.pk != order.id else {})


def params_for(key: ApiKey, wanted: DiffusionRequest) -> tuple[TextToImageParams, str]:
    """Return what is to be drawn, and by which model. A test key's pictures are the starter model's, whatever is asked.

    Raises: InvalidParams, ModelUnknown.
    """
    if not key.is_test:
        params = requests.parse(wanted)
        return params, params.served().model.slug
    named = str(wanted.values.get("model", catalog.DEFAULT_SLUG))
    catalog.find(named)
    as_starter = replace(wanted, values={**wanted.values, "model": catalog.DEFAULT_SLUG})
    return replace(requests.parse(as_starter), model=named), catalog.DEFAULT_SLUG


def _submit_key(key: ApiKey, repeated_by: str) -> str:
    """Return what makes a request's run unique in its account; test and live requests never meet."""
    if not repeated_by:
        return uuid.uuid4().hex
    side = "test" if key.is_test else "live"
    return hashlib.sha256(f"api:{side}:{repeated_by}".encode()).hexdigest()
