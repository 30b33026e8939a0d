"""A minimal DRF view: parses JSON, answers JSON, knows nobody and asks no database."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()  # the framework below wants the apps to be ready

from django.urls import path  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

_ANSWER = {"id": "00000000-0000-7000-8000-000000000000", "status": "NEW", "createdAt": "2026-01-01T00:00:00.000Z"}


class Minimal(APIView):
    """Answers at once."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def get(self, request: Request) -> Response:  # noqa: ARG002  (the framework's signature)
        """Answer a constant."""
        return Response(_ANSWER)

    def post(self, request: Request) -> Response:
        """Parse the body and answer a constant."""
        assert isinstance(request.data, dict)
        return Response({**_ANSWER, "prompt": request.data["prompt"]}, 201)


urlpatterns = [path("", Minimal.as_view())]
