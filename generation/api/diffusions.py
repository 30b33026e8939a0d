"""`/v1/diffusions`: make pictures."""

from rest_framework.request import Request
from rest_framework.response import Response

from generation.api import answers, ordering
from generation.api.resource import Resource


class Diffusions(Resource):
    """The runs of an account."""

    def post(self, request: Request) -> Response:
        """Order pictures."""
        placed = ordering.place(request, self.user_of(request), self.key_of(request))
        return Response(answers.created(placed.job), 201, headers=placed.headers)
