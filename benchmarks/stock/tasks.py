"""What the worker does."""

from functools import cache
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from benchmarks.stock.models import Run


def draw(run_id: int) -> None:
    """Draw one picture and save it."""
    from benchmarks import bare_loop  # torch belongs to the worker, not to the web process

    run = Run.objects.get(pk=run_id)
    drawing = bare_loop.Drawing([run.prompt], [run.seed], 1, run.num_inference_steps, 4.0, 128, 128)
    (picture,) = bare_loop.draw(_pipeline(), drawing)
    content = BytesIO()
    picture.save(content, "PNG")
    run.picture.save(f"{run.pk}.png", ContentFile(content.getvalue()), save=False)
    run.finished_at = timezone.now()
    run.save(update_fields=["picture", "finished_at"])


def stamp(run_id: int) -> None:
    """Write down when it began."""
    now = timezone.now()
    Run.objects.filter(pk=run_id).update(started_at=now, finished_at=now)


@cache
def _pipeline() -> Any:
    from benchmarks import bare_loop

    return bare_loop.load_pipeline()
