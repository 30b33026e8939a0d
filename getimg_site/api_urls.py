"""Addresses of the API's own host: the API below /v1/ and at the root, and the files its answers lead to."""

from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from generation.api.problems import CONTENT_TYPE, not_found, problem
from generation.views.media import media
from getimg_site.views.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include(([path("media/<int:expires>/<slug:signature>/<path:key>", media, name="media")], "generation"))),
    path("v1/", include("generation.api.urls")),
    path("", include("generation.api.urls", namespace="api-root")),
]


def handler404(request: HttpRequest, exception: Exception) -> JsonResponse:  # noqa: ARG001 (Django's hook)
    """Say that there is nothing, in the API's words: the site's error pages need the site's addresses."""
    return JsonResponse(not_found().document, status=404, content_type=CONTENT_TYPE)


def handler500(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 (Django's hook)
    """Say that something went wrong, and nothing of what."""
    found = problem(500, "internal_error", "Something went wrong on our side. Try again.")
    return JsonResponse(found.document, status=500, content_type=CONTENT_TYPE)
