"""`/v1/diffusions`: order pictures, and list what was ordered."""

from rest_framework.request import Request
from rest_framework.response import Response

from generation import diffusions
from generation.api import answers, finding, listing, ordering, requests, schemas, waiting
from generation.api.openapi import describe, header, in_query
from generation.api.resource import Resource

IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    "Makes a repetition of this request safe: the same key and body have the same answer and are charged once.",
    {"type": "string", "maxLength": requests.IDEMPOTENCY_KEY_MAX_LENGTH},
)
PREFER = header(
    "Prefer", "`wait=N`: answer when the pictures are there, after N ≤ 60 seconds at the latest.", schemas.TEXT
)
CANCEL_AFTER = header(
    "Cancel-After",
    "Cancel it when it has not been started by then: `90`, `90s`, `5m`, `2h`; a second to a day.",
    {"type": "string", "pattern": requests.CANCEL_AFTER_PATTERN},
)
_FILTERS = [in_query(name, words, shape) for name, (words, shape) in schemas.LIST_QUERY.items()]


class Diffusions(Resource):
    """The runs of an account."""

    generates = ("POST",)

    @describe(
        "createDiffusion",
        "Order pictures",
        body="AnyDiffusionRequest",
        answers={201: "Diffusion"},
        refusals=[402, 404, 409],
        parameters=[IDEMPOTENCY_KEY, PREFER, CANCEL_AFTER],
    )
    def post(self, request: Request) -> Response:
        """Order pictures; the answer comes at once, or with `Prefer: wait` when they are there."""
        key = self.key_of(request)
        body = self.body_of(request)
        placed = ordering.place(request, key, requests.read(body), body)
        applied = waiting.wait(request.headers, placed.job)
        answer = answers.created(placed.job)
        if applied:
            answer = answers.found(finding.find(key, str(placed.job.pk)))
        return Response(answer, 201, headers={**placed.headers, **applied})

    @describe("listDiffusions", "List what was ordered", answers={200: "DiffusionPage"}, parameters=_FILTERS)
    def get(self, request: Request) -> Response:
        """List the newest first, page by page: `after` is the page before's `next`."""
        wanted = listing.read(request.query_params)
        key = self.key_of(request)
        filters = {**wanted.filters, "is_test": key.is_test}
        page = diffusions.page(key.user, filters, after=wanted.after, size=wanted.limit)
        return Response(answers.page(page))
