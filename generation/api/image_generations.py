"""`/v1/images/generations`: the door that programs written for OpenAI's API know. It answers with the pictures.

The same run as everywhere, under that API's names: `n` for `numImages`, `size` for width and height. Like its
model it answers when the pictures are there, so it takes a waiter's place; where none is free, it says when to come
again, which the official clients do by themselves.
"""

import base64
import re
import uuid
from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiKey
from generation import lifecycle, storage
from generation.api import answers, finding, ordering, requests, retries, schemas, waiting
from generation.api.diffusions import IDEMPOTENCY_KEY
from generation.api.openapi import describe
from generation.api.ordering import Placed
from generation.api.problems import invalid, problem
from generation.api.requests import DiffusionRequest
from generation.api.resource import Resource
from generation.diffusions import Diffusion
from generation.models import Job

# Longer than most pictures take; a proxy in front must not be less patient.
PATIENCE_SECONDS = 300
_TYPES = {"prompt": str, "model": str, "n": int, "size": str, "response_format": str, "user": str}
FORMATS = ("url", "b64_json")


class ImageGenerations(Resource):
    """Pictures, at once."""

    generates = ("POST",)

    @describe(
        "createImages",
        "Order pictures and wait for them (OpenAI's shape)",
        body="ImagesRequest",
        answers={200: "Images"},
        refusals=[402, 404, 409, 422, 504],
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        """Order pictures and answer with them, as URLs or (`b64_json`) as they are."""
        key = self.key_of(request)
        body = self.body_of(request)
        wanted = read(body)
        with waiting.place(key.user_id) as is_free:
            if not is_free:
                detail = "Too many requests are waiting for their pictures here. Try again soon, or use /v1/diffusions."
                raise problem(429, "too_many_waiting", detail, headers={"Retry-After": "2"})
            placed = _placed(request, key, wanted, body)
            found = _ended(key, placed.job.pk)
        in_full = body.get("response_format") == "b64_json"
        return Response(_answer(found, in_full=in_full), headers=placed.headers)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer with a problem; who is to come again is remembered."""
        response = super().handle_exception(exc)
        if response.status_code == 429:
            retries.note_refusal(self.request)
        return response


def read(body: Mapping[str, Any]) -> DiffusionRequest:
    """Read a body in OpenAI's shape. Raises: Problem."""
    requests.check(body, _TYPES)
    if body.get("response_format") not in (None, *FORMATS):
        message = f"response_format must be one of {', '.join(FORMATS)}."
        raise invalid([{"param": "response_format", "code": "invalid_value", "message": message}])
    values = {"prompt": body.get("prompt"), "model": body.get("model"), "num_images": body.get("n")}
    size = body.get("size")
    if size is not None and size != "auto":
        if not re.fullmatch(schemas.SIZE_PATTERN, size):
            message = f"size “{requests.shown(size)}” is not a valid size; write it like 512x512, or auto."
            raise invalid([{"param": "size", "code": "invalid_value", "message": message}])
        values["width"], values["height"] = (int(side) for side in size.split("x"))
    given = {name: value for name, value in values.items() if value is not None}
    return DiffusionRequest(requests.DEFAULT_TASK, given, body.get("user") or "", "")


def _placed(request: Request, key: ApiKey, wanted: DiffusionRequest, body: Mapping[str, Any]) -> Placed:
    sent_before = retries.sent_before(request, key, body)
    if sent_before is not None:
        return Placed(sent_before, is_replayed=True)
    placed = ordering.place(request, key, wanted, body)
    retries.note_run(request, key, body)
    return placed


def _ended(key: ApiKey, job_id: uuid.UUID) -> Diffusion:
    """Wait for the end, and end the run where that takes too long. Raises: Problem (422, 504)."""
    in_time = waiting.until_ended(job_id, PATIENCE_SECONDS)
    if not in_time:
        lifecycle.cancel(finding.find(key, str(job_id)).job)
    found = finding.find(key, str(job_id))
    if found.images:
        return found  # what had arrived by then is charged, so it is answered
    if not in_time:
        detail = (
            f"It took over {PATIENCE_SECONDS} seconds and was canceled, uncharged. For long runs use /v1/diffusions."
        )
        # OpenAI's clients would order it again by themselves.
        raise problem(504, "timeout", detail, headers={"x-should-retry": "false"})
    if found.job.status != Job.Status.FINISHED:
        message = found.job.error_message or f"It is {found.job.status}; no picture was made and nothing was charged."
        raise problem(422, found.job.error_code or found.job.status.lower(), message)
    return found


def _answer(found: Diffusion, *, in_full: bool) -> dict[str, Any]:
    created = int(found.job.created_at.timestamp())
    if in_full:
        files = [storage.read(image.file) for image in found.images]
        return {"created": created, "data": [{"b64_json": base64.b64encode(file).decode()} for file in files]}
    return {"created": created, "data": [{"url": answers.output(image)["url"]} for image in found.images]}
