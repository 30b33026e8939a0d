"""Two addresses that take a run, and one that answers."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_q.tasks import async_task

from benchmarks.stock.models import Run


@csrf_exempt
@require_POST
def create(request: HttpRequest, task: str) -> JsonResponse:
    """Write the run down and give it to the queue."""
    run = Run.objects.create(**json.loads(request.body))
    async_task(f"benchmarks.stock.tasks.{task}", run.pk)
    return JsonResponse({"id": run.pk}, status=201)


def answer(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  (the framework's signature)
    """Say that it serves."""
    return HttpResponse("ready")


urlpatterns = [
    path("", answer),
    path("draw", create, {"task": "draw"}),
    path("stamp", create, {"task": "stamp"}),
]
