"""`/v1/models`: what can be asked for."""

from rest_framework.request import Request
from rest_framework.response import Response

from generation import catalog
from generation.api import answers
from generation.api.openapi import describe
from generation.api.resource import Resource


class Models(Resource):
    """The models, under every name they have."""

    @describe("listModels", "List the models", answers={200: "Models"})
    def get(self, request: Request) -> Response:
        """List the models with their limits, defaults, prices and licences."""
        return Response({"models": [answers.model(served) for served in catalog.offered()]})
