"""`/v1/diffusions/{id}`: one run and its pictures."""

from rest_framework.request import Request
from rest_framework.response import Response

from generation import diffusions, lifecycle
from generation.api import answers, etags, finding, schemas, waiting
from generation.api.diffusions import PREFER
from generation.api.openapi import describe, header
from generation.api.resource import Resource

_TAG = header("If-None-Match", "The `ETag` of the answer that you have.", schemas.TEXT)


class DiffusionDetail(Resource):
    """One run."""

    @describe("getDiffusion", "Look how far it is", answers={200: "Diffusion", 304: ""}, parameters=[PREFER, _TAG])
    def get(self, request: Request, diffusion_id: str) -> Response:
        """Tell how far it is; once it is finished, where its pictures are. With If-None-Match: 304 until it changes."""
        key = self.key_of(request)
        found = finding.find(key, diffusion_id)
        applied = waiting.wait(request.headers, found.job)
        if applied:
            found = finding.find(key, diffusion_id)
        answer = answers.found(found)
        tag = etags.tag_of(etags.text_of(answer))
        if etags.is_known(request.headers.get("If-None-Match", ""), tag):
            return Response(status=304, headers={**applied, "ETag": tag})
        return Response(answer, headers={**applied, "ETag": tag})

    @describe("deleteDiffusion", "Delete it and its pictures", answers={204: ""})
    def delete(self, request: Request, diffusion_id: str) -> Response:
        """Delete it and its pictures; one that is still waiting or being made is canceled first.

        Links to its pictures end within half an hour.
        """
        job = finding.find(self.key_of(request), diffusion_id).job
        lifecycle.cancel(job)
        diffusions.delete(job)
        return Response(status=204)
