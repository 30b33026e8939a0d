"""`/v1/diffusions/{id}/manifest`: what makes each picture of a run again."""

from rest_framework.request import Request
from rest_framework.response import Response

from generation import manifests
from generation.api import finding
from generation.api.openapi import describe
from generation.api.resource import Resource
from generation.models import Image


class DiffusionManifest(Resource):
    """The reproducibility manifests of one run."""

    @describe("getManifest", "Get what makes its pictures again", answers={200: "DiffusionManifest"})
    def get(self, request: Request, diffusion_id: str) -> Response:
        """Name everything that drew each picture: words, seed, settings, checksums, versions, device.

        Pictures that are not there yet, or no more, are left out.
        """
        found = finding.find(self.key_of(request), diffusion_id)
        rows = Image.objects.select_related("job", "clip", "environment").prefetch_related("job__inputs")
        images = rows.filter(pk__in=[image.pk for image in found.images]).order_by("index")
        return Response({"id": str(found.job.pk), "manifests": [manifests.of_picture(image) for image in images]})
