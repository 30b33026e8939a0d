"""Whether the process lives (`/healthz`) and whether it can serve (`/readyz`)."""

from django.core.cache import cache
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer without touching anything: the process is alive."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, else 503.

    Without the cache the site serves on; all hosts share it, so a balancer that took them away would leave none.
    """
    parts = {"database": database_answers(), "cache": cache_answers()}
    if not parts["database"]:
        return JsonResponse({"status": "unavailable", **parts}, status=503)
    return JsonResponse({"status": "ok" if parts["cache"] else "degraded", **parts})


def database_answers() -> bool:
    """Whether the database answers a question."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:  # InterfaceError is no DatabaseError
        return False
    return True


def cache_answers() -> bool:
    """Whether what is put into the cache comes back."""
    try:
        cache.set("readyz", 1, 10)
        return bool(cache.get("readyz") == 1)
    except (OSError, RedisError):
        return False
