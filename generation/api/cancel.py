"""`/v1/diffusions/{id}/cancel`: end a run before it is done."""

from rest_framework.request import Request
from rest_framework.response import Response

from generation import lifecycle
from generation.api import answers, finding
from generation.api.openapi import describe
from generation.api.problems import problem
from generation.api.resource import Resource
from generation.models import Job


class Cancel(Resource):
    """The end of one run."""

    @describe("cancelDiffusion", "Cancel it", answers={200: "Diffusion"}, refusals=[409])
    def post(self, request: Request, diffusion_id: str) -> Response:
        """End it: pictures that are there are kept and charged, the rest is free. To cancel again changes nothing.

        What has finished or failed can't be canceled any more: 409.
        """
        key = self.key_of(request)
        lifecycle.cancel(finding.find(key, diffusion_id).job)
        found = finding.find(key, diffusion_id)
        if found.job.status != Job.Status.CANCELED:
            raise problem(409, "already_ended", f"This has ended: it is {found.job.status}. Nothing was changed.")
        return Response(answers.found(found))
