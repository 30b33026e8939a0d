"""Bodies: JSON, whatever type they are declared as. `curl -d` calls its JSON a form, and it is still JSON.

Safe, because nothing here is opened by a cookie: a form on a foreign page cannot send the Authorization header.
"""

import json
import math
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.parsers import BaseParser

from generation.api.problems import Problem, problem

# A body of so many bytes is refused.
BODY_LIMIT_BYTES = 10_000_000
# What JSON takes for blank, and nothing else that bytes know as such.
_BLANKS = b" \t\r\n"


class AnyTypeJsonParser(BaseParser):
    """Reads one JSON object."""

    media_type = "*/*"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the object. Raises: Problem (400, 413)."""
        raw = stream.read(BODY_LIMIT_BYTES)
        if len(raw) >= BODY_LIMIT_BYTES:
            detail = f"The body has {BODY_LIMIT_BYTES:,} bytes or more; send fewer."
            raise problem(413, "body_too_large", detail)
        assert parser_context is not None  # DRF gives one always
        declared = int(parser_context["request"].META["CONTENT_LENGTH"])
        if len(raw) < declared:
            # The connection broke: what arrived may read as a whole, and is not what was meant.
            detail = f"Only {len(raw):,} of the body's {declared:,} bytes arrived. Nothing was done; send it again."
            raise problem(400, "invalid_json", detail)
        return read_object(raw)


def read_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object that `raw` is; an empty body is an empty one. Raises: Problem (400)."""
    if not raw.strip(_BLANKS):
        return {}
    try:
        found = json.loads(
            raw.decode(), parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_each_once
        )
        # A half of a surrogate pair is no character: it can be neither stored nor drawn.
        if b"\\u" in raw:
            json.dumps(found, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise _not_json(f"byte {error.start} is not UTF-8") from None
    except UnicodeEncodeError:
        raise _not_json("it holds half of a surrogate pair (\\ud800 to \\udfff)") from None
    except RecursionError:
        raise _not_json("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise _not_json(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except ValueError as error:
        # Python refuses whole numbers of over 4,300 digits in words of its own.
        reason = "it holds a number with thousands of digits" if "digits" in str(error) else str(error)
        raise _not_json(reason) from None
    if not isinstance(found, dict):
        raise problem(400, "invalid_json", 'The body must be one JSON object, such as {"prompt": "a red fox"}.')
    return found


def _not_json(reason: str) -> Problem:
    return problem(400, "invalid_json", f"The body is not valid JSON: {reason}.")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{double[:40]}” stands in it twice")
    return found
