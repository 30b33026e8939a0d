"""`/v1/diffusions/{id}`: one run and its pictures."""

from rest_framework.request import Request
from rest_framework.response import Response

from generation import diffusions
from generation.api import answers
from generation.api.problems import not_found
from generation.api.resource import Resource


class DiffusionDetail(Resource):
    """One run."""

    def get(self, request: Request, diffusion_id: str) -> Response:
        """Tell how far it is; once it is finished, where its pictures are."""
        found = diffusions.find(self.user_of(request), diffusion_id)
        if found is None:
            raise not_found()
        return Response(answers.diffusion(found.job, found.images, found.queue_position))
