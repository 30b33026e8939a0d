"""What stands in a request for a picture: unknown fields and wrong types are refused by name.

The bounds are `params.py`'s; here is only what JSON adds: types, spelling, and the fields that are about the
request and not about the picture.
"""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts.models import User
from generation import params
from generation.api import pictures
from generation.api.names import TASKS, camel_case
from generation.api.problems import invalid, problem
from generation.models.job import REF_MAX_LENGTH
from generation.params import Params, TextToImageParams

DEFAULT_TASK = TextToImageParams.task
IDEMPOTENCY_KEY_MAX_LENGTH = 200
QUOTE_ID_MAX_LENGTH = 500
# About the request, not the picture.
ABOUT_FIELDS = {"task": str, "ref": str, "quoteId": str}
# As JSON spells them.
_PICTURES = frozenset(camel_case(name) for name in pictures.FIELDS)

# Words of other people's APIs for what stands here under another name.
_MEANT = {
    "n": "numImages",
    "size": "width and height",
    "numInferenceSteps": "steps",
    "num_inference_steps": "steps",
    "cfgScale": "guidanceScale",
    "sampler": "scheduler",
}
_LENGTHS = {"ref": REF_MAX_LENGTH, "user": REF_MAX_LENGTH, "quoteId": QUOTE_ID_MAX_LENGTH}
_JSON_NAMES = {bool: "true or false", str: "text", int: "a whole number", float: "a number", list: "a list"}
_NAMES = frozenset({"model", "scheduler"})
# From a second to a day.
CANCEL_AFTER_PATTERN = (
    "^(([1-9][0-9]{0,3}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|86400)s?"
    "|([1-9][0-9]{0,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)m|([1-9]|1[0-9]|2[0-4])h)$"
)
_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class DiffusionRequest:
    """A body that can be read: the picture's fields under the public names, and what is about the request."""

    task: str
    values: dict[str, Any]
    ref: str
    quote_id: str


def read(body: Mapping[str, Any], *, about: Mapping[str, type] = ABOUT_FIELDS) -> DiffusionRequest:
    """Read a body. Raises: Problem naming every field that is unknown or of the wrong type."""
    task = body.get("task")
    if task is None:
        task = DEFAULT_TASK
    elif task not in TASKS:
        raise invalid([_refused("task", f"There is no task “{shown(task)}”; choose {' or '.join(TASKS)}.")])
    fields = {camel_case(name): (name, type_) for name, type_ in params.FIELDS[task].items()}
    types = {**{name: type_ for name, (_, type_) in fields.items()}, **about}
    check(body, types)
    values = {fields[name][0]: value for name, value in body.items() if name in fields and value is not None}
    return DiffusionRequest(task, values, body.get("ref") or "", body.get("quoteId") or "")


def check(body: Mapping[str, Any], types: Mapping[str, type]) -> None:
    """Raise Problem where `body` has a field that is not among `types`, or one of another type; null is no value."""
    errors = unknown(body, types)
    for name, type_ in types.items():
        if (value := body.get(name)) is not None:
            message = _type_trouble(name, value, type_)
            errors += [_refused(name, message)] if message else []
    if errors:
        raise invalid(errors)


def unknown(names: Iterable[str], known: Iterable[str]) -> list[dict[str, str]]:
    """Return a refusal of each name that is not known, with the nearest that is."""
    return [_unknown(name, list(known)) for name in names if name not in known]


def parse(request: DiffusionRequest, user: User, *, require_prompt: bool = True) -> Params:
    """Return what is to be drawn. Raises: InvalidParams."""
    return params.parse(request.task, request.values, user, require_prompt=require_prompt)


def idempotency_key(headers: Mapping[str, str]) -> str:
    """Return the caller's key for this request; empty where there is none. Raises: Problem."""
    key = headers.get("Idempotency-Key", "").strip()
    if len(key) > IDEMPOTENCY_KEY_MAX_LENGTH:
        detail = f"Idempotency-Key has {len(key)} characters; {IDEMPOTENCY_KEY_MAX_LENGTH} is the most."
        raise problem(400, "invalid_header", detail, param="Idempotency-Key")
    return key


def cancel_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long a picture may wait to be started: `Cancel-After: 90`, `90s`, `5m` or `2h`. Raises: Problem."""
    text = headers.get("Cancel-After")
    if text is None:
        return None
    if not re.fullmatch(CANCEL_AFTER_PATTERN, text):
        detail = f"Cancel-After “{shown(text)}” is not a time from 1s to 24h; write it like 90, 90s, 5m or 2h."
        raise problem(400, "invalid_header", detail, param="Cancel-After")
    return timedelta(seconds=int(text.rstrip("smh")) * _UNITS.get(text[-1], 1))


def digest(path: str, body: Mapping[str, Any], *headers: str) -> str:
    """Return a hash that is equal for equal requests, whatever the order of their fields.

    The path counts without its mount: the API's own host has it at the root as well.
    """
    text = json.dumps([path.removeprefix("/v1"), body, headers], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def shown(value: Any) -> str:
    """Return a value short enough for a message."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:40] + "…"


def _unknown(name: str, known: list[str]) -> dict[str, str]:
    near = _MEANT.get(name) or next(iter(difflib.get_close_matches(camel_case(name), known, n=1)), None)
    hint = f" Did you mean {near}?" if near else f" Known are {', '.join(known)}."
    return _refused(name[:80], f"There is no field “{shown(name)}”.{hint}", code="unknown_field")


def _type_trouble(name: str, value: Any, type_: type) -> str:
    """Return what is wrong with a value; empty where it is of the type."""
    if not _is_a(value, type_):
        return f"{name} must be {_JSON_NAMES[type_]}; “{shown(value)}” is not."
    # A picture in a field can be long; one that can't be read is told by whoever opens it.
    if not isinstance(value, str) or name in _PICTURES:
        return ""
    limit = _LENGTHS.get(name, params.PROMPT_MAX_LENGTH)
    if len(value) > limit:
        return f"{name} has {len(value)} characters; {limit} is the most."
    if "\x00" in value:
        return f"{name} holds a null character, which can't be stored."
    if name in _NAMES and (not value or value != value.strip()):
        return f"{name} “{shown(value)}” must be a name without blanks around it."
    return ""


def _is_a(value: Any, type_: type) -> bool:
    if isinstance(value, bool):
        return type_ is bool
    if type_ is int:
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, (int, float)) if type_ is float else isinstance(value, type_)


def _refused(param: str, message: str, code: str = "invalid_value") -> dict[str, str]:
    return {"param": param, "code": code, "message": message}
