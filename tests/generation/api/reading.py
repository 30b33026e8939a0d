"""What an answer of the API says."""

import json
from typing import Any


def read(answer: Any) -> Any:
    """Return an answer's JSON."""
    return json.loads(answer.content)


def code_of(answer: Any) -> str:
    """Return the code of a refusal, which is always a problem document."""
    assert answer["Content-Type"] == "application/problem+json"
    return str(read(answer)["error"]["code"])
