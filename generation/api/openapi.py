"""How views say what they take and give, and the hook that completes their OpenAPI 3.1 description.

The shapes stand in `schemas.py`; a view names them. What every method has in common (who may call, what can always go
wrong, the fields of the rate limits) is added here once.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from generation.api import account_shapes, request_ids, schemas, webhook_shapes
from generation.api.links import links_of
from generation.api.problems import CONTENT_TYPE, KINDS

F = TypeVar("F", bound=Callable[..., Any])

# What any method may be answered with.
_ALWAYS = (400, 401, 403, 429, 500, 503)
_HEADERS: dict[str, Any] = {
    "RateLimit-Policy": {"description": "The limits: quota q in a window of w seconds.", "schema": {"type": "string"}},
    "RateLimit": {"description": "What remains (r), and for how many seconds (t).", "schema": {"type": "string"}},
}
_REQUEST_ID = {
    "schema": {"type": "string", "pattern": request_ids.PATTERN},
    "description": "What this request is called; name it when you ask about it.",
}
_DELAY = {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds after which to try again."}
_ETAG = {"schema": {"type": "string"}, "description": "Names this answer, for If-None-Match."}
_APPLIED = {"schema": {"type": "string"}, "description": "`wait=N` where the answer has waited; else it is not there."}
_REPLAYED = {
    "schema": {"type": "string", "const": "true"},
    "description": "Only where this Idempotency-Key was used before: the answer is what it made then.",
}
# By the request's header what the answer's says of it.
_ANSWERED = {"Prefer": ("Preference-Applied", _APPLIED), "Idempotency-Key": ("Idempotency-Replayed", _REPLAYED)}
_STREAM = "text/event-stream"
_LOCATION = {"schema": {"type": "string", "format": "uri"}, "description": "Where to go on."}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the Authorization header."""

    target_class = "generation.api.authentication.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer", "description": "An API key: `gi_live_…` or `gi_test_…`."}


def describe(
    name: str,
    summary: str,
    *,
    body: str = "",
    is_form: bool = False,
    answers: Mapping[int, str] | None = None,
    stream: str = "",
    refusals: Iterable[int] = (),
    parameters: Iterable[OpenApiParameter] = (),
) -> Callable[[F], F]:
    """Describe a method: its operation's name, the shapes of its body and answers ("" for none), what it refuses.

    stream: what its server-sent events say, where it has some.
    """
    responses: dict[Any, Any] = {
        status: OpenApiResponse(_ref(shape) if shape else None, description="Done.")
        for status, shape in (answers or {}).items()
    }
    if stream:
        responses[200, _STREAM] = OpenApiResponse({"type": "string"}, description=stream)
    for status in refusals:
        responses[status, CONTENT_TYPE] = OpenApiResponse(_ref("Problem"), description=_said(status))
    decorate: Callable[[F], F] = extend_schema(
        operation_id=name,
        summary=summary,
        request={"multipart/form-data" if is_form else "application/json": _ref(body)} if body else None,
        responses=responses,
        parameters=list(parameters),
    )
    return decorate


def header(name: str, description: str, schema: Mapping[str, Any]) -> OpenApiParameter:
    """Describe a header that a request may have."""
    return OpenApiParameter(name, dict(schema), OpenApiParameter.HEADER, description=description)


def in_query(name: str, description: str, schema: Mapping[str, Any]) -> OpenApiParameter:
    """Describe what may stand behind the question mark."""
    return OpenApiParameter(name, dict(schema), OpenApiParameter.QUERY, description=description)


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add where the API is, what every operation has in common, and the shapes (a hook of drf-spectacular)."""
    result["info"]["title"] = f"{settings.SITE_NAME} API"
    hosts = [settings.SITE_URL, *([f"https://{settings.API_HOST}"] if settings.API_HOST else [])]
    result["servers"] = [{"url": url} for url in hosts]
    shapes = {**schemas.shapes(), **webhook_shapes.shapes(), **account_shapes.shapes()}
    result.setdefault("components", {}).setdefault("schemas", {}).update(shapes)
    result["webhooks"] = webhook_shapes.messages()
    for path, item in result["paths"].items():
        for operation in item.values():
            _complete(operation, is_one="{" in path)
            if body := operation.get("requestBody"):
                body["required"] = _has_required_fields(body, shapes)
    return result


def _has_required_fields(body: Mapping[str, Any], shapes: Mapping[str, Any]) -> bool:
    """Whether a body can't be left out: an empty one reads as {}."""
    (content,) = body["content"].values()
    shape = shapes.get(content["schema"].get("$ref", "").rpartition("/")[2], content["schema"])
    kinds = [shapes[_name(one)] for one in shape.get("oneOf", ())] or [shape]
    return all(kind.get("required") for kind in kinds)


def _complete(operation: dict[str, Any], *, is_one: bool) -> None:
    responses = operation["responses"]
    for status in (*_ALWAYS, *((404,) if is_one else ()), *((411, 413) if "requestBody" in operation else ())):
        responses.setdefault(
            str(status),
            {"description": _said(status), "content": {CONTENT_TYPE: {"schema": _ref("Problem")}}},
        )
    asked = {parameter["name"] for parameter in operation.get("parameters", ())}
    answered = dict(of for name, of in _ANSWERED.items() if name in asked)
    for status, response in responses.items():
        headers = response.setdefault("headers", {})
        headers[request_ids.HEADER] = {**_REQUEST_ID}
        if _STREAM in response.get("content", {}):
            continue
        if status == "401":
            headers["WWW-Authenticate"] = {"schema": {"type": "string"}, "description": "Bearer."}
            continue
        headers.update({name: {**field} for name, field in _HEADERS.items()})
        if "304" in responses and status in ("200", "304"):
            headers["ETag"] = {**_ETAG}
        if status == "307":
            headers["Location"] = {**_LOCATION}
        if status[0] in "23":
            headers.update({name: {**field} for name, field in answered.items()})
        if status in ("429", "503"):
            headers["Retry-After"] = {**_DELAY}
    for status, links in links_of(operation["operationId"]).items():
        responses[status]["links"] = links
    operation["responses"] = dict(sorted(responses.items()))


def _said(status: int) -> str:
    title = KINDS[status][1]
    return title if title.endswith("?") else f"{title}."


def _name(reference: Mapping[str, str]) -> str:
    return reference["$ref"].rpartition("/")[2]


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
