"""A picture that a request names by its address: fetched within the places of those who wait, refused in words.

A fetch holds a thread for up to ten seconds, as a waiter does: an account has half of the process's places at most.
"""

import uuid

from generation import image_fetching
from generation.api import waiting
from generation.api.problems import invalid, problem
from generation.errors import ImageNotFetched

_RETRY_SECONDS = 2


def fetch(user_id: uuid.UUID, url: str, param: str) -> bytes:
    """Return the file at the address that stands in the field `param`. Raises: Problem (400, 503)."""
    with waiting.place(user_id) as is_free:
        if not is_free:
            detail = "Too many pictures are being fetched just now. Try again, or send the picture itself."
            headers = {"Retry-After": str(_RETRY_SECONDS)}
            raise problem(503, "too_many_fetches", detail, param=param, headers=headers)
        try:
            return image_fetching.fetch(url)
        except ImageNotFetched as error:
            refusal = {"param": param, "code": "image_not_fetched", "message": f"{param} could not be fetched. {error}"}
            raise invalid([refusal]) from None
