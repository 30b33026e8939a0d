"""`/v1/openapi.json` and `.yaml`: the API's own description, open to everybody."""

import hashlib
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from generation import catalog
from generation.catalog_tools import TOOLS

# Making the description takes a second, and nobody need have a key to ask for it.
_REMEMBERED_SECONDS = 300


class RememberedDescription(SchemaGenerator):
    """Makes the description once for each set of models that are here."""

    def get_schema(self, request: Request | None = None, public: bool = False) -> dict[str, Any]:
        """Return the description, as it was made within five minutes."""

        def make() -> dict[str, Any]:
            made: dict[str, Any] = super(RememberedDescription, self).get_schema(request, public)  # type: ignore[no-untyped-call]
            return made

        return cast(dict[str, Any], cache.get_or_set(_key(), make, _REMEMBERED_SECONDS))


class OpenApiJson(SpectacularAPIView):
    """OpenAPI 3.1 as JSON."""

    generator_class = RememberedDescription
    authentication_classes: Any = ()
    permission_classes: Any = ()
    throttle_classes: Any = ()
    renderer_classes: list[type[BaseRenderer]] = [OpenApiJsonRenderer2]


class OpenApiYaml(OpenApiJson):
    """OpenAPI 3.1 as YAML."""

    renderer_classes: list[type[BaseRenderer]] = [OpenApiYamlRenderer2]


def _key() -> str:
    """Return what names the description as it is now: it depends on these alone."""
    models = [(served.slug, served.model.slug, served.model.is_available) for served in catalog.offered()]
    facts = (models, [tool.is_installed for tool in TOOLS], settings.SITE_NAME, settings.SITE_URL, settings.API_HOST)
    return f"openapi:{hashlib.sha256(repr(facts).encode()).hexdigest()}"
