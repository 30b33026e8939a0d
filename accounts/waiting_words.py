"""What somebody sent who has to log in first: it waits for that in the session, for an hour.

What belongs here: keeping it and taking it. What does not: what becomes of it then, which the page of the form knows.
"""

import time
from collections.abc import Mapping

from django.http import HttpRequest

from accounts.models import User

_WAITS_SECONDS = 3600
# In characters; no form here takes more in a field.
_MOST = 5000


def keep(request: HttpRequest, form: str, values: Mapping[str, str]) -> None:
    """Keep what was sent with this form, instead of what waits of it already."""
    request.session[form] = {"at": time.time(), "values": {name: value[:_MOST] for name, value in values.items()}}


def take(request: HttpRequest, form: str) -> dict[str, str]:
    """Return what waits of this form, which then waits no more; nothing that lay too long, or on a support visit."""
    if not isinstance(request.user, User) or hasattr(request, "support_visit"):
        return {}
    waiting = request.session.pop(form, None)
    if waiting is None or time.time() - waiting["at"] > _WAITS_SECONDS:
        return {}
    return dict(waiting["values"])
