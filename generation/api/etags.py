"""Entity tags of answers: who has the newest already is told so (304) and gets it no second time."""

import hashlib
import json
from typing import Any

from django.utils.http import parse_etags


def text_of(answer: Any) -> str:
    """Return an answer as it is sent."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def tag_of(text: str) -> str:
    """Return the tag of an answer's text."""
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def is_known(if_none_match: str, tag: str) -> bool:
    """Whether a request's If-None-Match says that its sender has this answer."""
    known = [one.removeprefix("W/") for one in parse_etags(if_none_match)]
    return tag in known or known == ["*"]
