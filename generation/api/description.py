"""`/v1/openapi.json` and `.yaml`: the API's own description, open to everybody."""

from typing import Any

from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer


class OpenApiJson(SpectacularAPIView):
    """OpenAPI 3.1 as JSON."""

    authentication_classes: Any = ()
    permission_classes: Any = ()
    throttle_classes: Any = ()
    renderer_classes: list[type[BaseRenderer]] = [OpenApiJsonRenderer2]


class OpenApiYaml(OpenApiJson):
    """OpenAPI 3.1 as YAML."""

    renderer_classes: list[type[BaseRenderer]] = [OpenApiYamlRenderer2]
