"""A minimal DRF view, as DRF's own tutorial has it: GET answers one row, POST validates and writes one.

It has the tables that `benchmarks.requesting` and `benchmarks.raw_claim` make for themselves. At the root it answers a
constant and asks no database.
"""

import uuid
from typing import Any, ClassVar

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()  # the framework below wants the apps to be ready

from django.db import connection, models, transaction  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.generics import get_object_or_404  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from benchmarks.raw_claim import INSERT, RING  # noqa: E402

_ANSWER = {"id": "00000000-0000-7000-8000-000000000000", "status": "NEW", "createdAt": "2026-01-01T00:00:00.000Z"}


class Diffusion(models.Model):
    """What is asked about."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    prompt = models.TextField()
    status = models.CharField(max_length=10, default="NEW")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "minimal"
        db_table = "benchmark_diffusion"
        managed = False

    def __str__(self) -> str:
        return str(self.pk)


class DiffusionSerializer(serializers.ModelSerializer[Diffusion]):
    """How it reads."""

    class Meta:
        model = Diffusion
        fields: ClassVar = ["id", "prompt", "status", "created_at"]
        read_only_fields: ClassVar = ["status"]


class Diffusions(APIView):
    """Makes one."""

    def post(self, request: Request) -> Response:
        """Write a row."""
        serializer = DiffusionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, 201)


class Orders(APIView):
    """Puts one in the raw queue and rings."""

    def post(self, request: Request) -> Response:
        """Validate what is ordered, write a row and notify in one transaction."""
        serializer = DiffusionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(INSERT)
            cursor.execute(RING)
        return Response(serializer.data, 201)


class DiffusionDetail(APIView):
    """Tells how far it is."""

    def get(self, request: Request, pk: uuid.UUID) -> Response:  # noqa: ARG002  (the framework's signature)
        """Read a row."""
        return Response(DiffusionSerializer(get_object_or_404(Diffusion, pk=pk)).data)


class Constant(APIView):
    """Answers at once."""

    def get(self, request: Request) -> Response:  # noqa: ARG002  (the framework's signature)
        """Answer a constant."""
        return Response(_ANSWER)

    def post(self, request: Request) -> Response:
        """Parse the body and answer a constant."""
        data: Any = request.data
        return Response({**_ANSWER, "prompt": data["prompt"]}, 201)


urlpatterns = [
    path("", Constant.as_view()),
    path("diffusions", Diffusions.as_view()),
    path("orders", Orders.as_view()),
    path("diffusions/<uuid:pk>", DiffusionDetail.as_view()),
]
