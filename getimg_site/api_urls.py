"""Addresses of the API's own host: the API below /v1/ and at the root, and the files its answers lead to."""

from django.urls import include, path

from generation.views.media import media
from getimg_site.views.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include(([path("media/<int:expires>/<slug:signature>/<path:key>", media, name="media")], "generation"))),
    path("v1/", include("generation.api.urls")),
    path("", include("generation.api.urls", namespace="api-root")),
]
