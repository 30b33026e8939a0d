"""From a request to a run: read, priced, claimed under its Idempotency-Key, placed."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from rest_framework.request import Request

from accounts.models import ApiKey
from generation import catalog, lifecycle, pricing
from generation.api import pictures, quotes, requests
from generation.api.problems import Problem, problem
from generation.api.requests import DiffusionRequest
from generation.errors import GenerationError
from generation.models import Job
from generation.orders import Order
from generation.params import Params, loras
from generation.pricing import Quote


@dataclass(frozen=True)
class Priced:
    """What is to be drawn, by which model, at which price."""

    params: Params
    served_by: str
    quote: Quote


@dataclass(frozen=True)
class Placed:
    """The run of a request."""

    job: Job
    # The request had been sent before, under the same Idempotency-Key.
    is_replayed: bool

    @property
    def headers(self) -> dict[str, str]:
        """What the answer's headers say about it."""
        return {"Idempotency-Replayed": "true"} if self.is_replayed else {}


def place(request: Request, key: ApiKey, wanted: DiffusionRequest, body: Mapping[str, Any]) -> Placed:
    """Make the run that a body asks for. Raises: Problem and the errors of `lifecycle.place`."""
    repeated_by = requests.idempotency_key(request.headers)
    submit_key = _submit_key(key, repeated_by)
    digest = requests.digest(request.path, body, request.headers.get("Cancel-After", ""))
    if repeated_by and wanted.task != requests.DEFAULT_TASK:
        # Its pictures need not be fetched and kept again.
        first = Job.objects.filter(user=key.user, submit_key=submit_key).first()
        if first is not None:
            return _placed(first, digest, is_replayed=True)
    try:
        with pictures.kept(_order(request, key, wanted, submit_key, digest)) as order:
            job = lifecycle.place(order)
    except (Problem, GenerationError):
        # What could be had when it was first sent (a quote, a model) may be gone: the first answer still stands.
        first = Job.objects.filter(user=key.user, submit_key=submit_key).first() if repeated_by else None
        if first is None:
            raise
        return _placed(first, digest, is_replayed=True)
    return _placed(job, digest, is_replayed=job.pk != order.id)


def price(key: ApiKey, wanted: DiffusionRequest, *, require_prompt: bool = True) -> Priced:
    """Read and price what is wanted.

    A test key's pictures are the starter model's, or what the task needs, whatever is asked for, and free; a model of
    one's own is drawn with as it is.

    Raises: InvalidParams, ModelUnknown.
    """
    wanted = replace(wanted, values=pictures.referred(key, wanted.values))
    if not key.is_test:
        params = requests.parse(wanted, key.user, require_prompt=require_prompt)
        return Priced(params, params.served().model.slug, pricing.quote(params))
    starter = catalog.MODELS[catalog.DEFAULT_SLUG]
    if wanted.values.get("loras") or loras.as_id(wanted.values.get("model")):
        params = requests.parse(wanted, key.user, require_prompt=require_prompt)
        return Priced(params, params.served().model.slug, replace(pricing.quote(params), credits_per_image=0))
    slug = starter.slug if catalog.can(starter, wanted.task) else catalog.default_for(wanted.task)
    named = str(wanted.values.get("model", slug))
    catalog.find(named)
    starters = replace(wanted, values={**wanted.values, "model": slug})
    params = requests.parse(starters, key.user, require_prompt=require_prompt)
    quote = replace(pricing.quote(params), credits_per_image=0)
    return Priced(replace(params, model=named), slug, quote)


def _order(request: Request, key: ApiKey, wanted: DiffusionRequest, submit_key: str, digest: str) -> Order:
    priced = price(key, wanted)
    wait = requests.cancel_after(request.headers)
    return Order(
        user=key.user,
        params=priced.params,
        quote=quotes.honoured(wanted.quote_id, key, priced.params) if wanted.quote_id else priced.quote,
        served_by=priced.served_by,
        submit_key=submit_key,
        api_key=key,
        digest=digest,
        ref=wanted.ref,
        cancel_after=timezone.now() + wait if wait else None,
    )


def _placed(job: Job, digest: str, *, is_replayed: bool) -> Placed:
    if job.request_digest != digest:
        detail = "This Idempotency-Key was used for another request. Send each new request under a new key."
        raise problem(409, "idempotency_key_reused", detail, param="Idempotency-Key")
    if job.deleted_at is not None:
        detail = "What this Idempotency-Key made was deleted. Send a new request under a new key."
        raise problem(409, "idempotency_key_deleted", detail, param="Idempotency-Key")
    return Placed(job, is_replayed)


def _submit_key(key: ApiKey, repeated_by: str) -> str:
    """Return what makes a request's run unique in its account; test and live requests never meet."""
    if not repeated_by:
        return uuid.uuid4().hex
    side = "test" if key.is_test else "live"
    return hashlib.sha256(f"api:{side}:{repeated_by}".encode()).hexdigest()
