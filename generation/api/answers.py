"""How a run reads as JSON. Times are UTC with milliseconds and Z; a field without a value is null."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from generation import progress, storage
from generation.api.names import camel_case
from generation.api.problems import doc_url
from generation.models import Image, Job

Status = Job.Status


def stamp(moment: datetime | None) -> str | None:
    """Return `2023-01-01T00:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def absolute(path: str) -> str:
    """Return a path's whole address."""
    return f"{settings.SITE_URL}{path}"


def created(job: Job) -> dict[str, Any]:
    """Return what the request that makes a run is answered with: nothing that changes later stands in it.

    So the same request, sent again under its Idempotency-Key, has the same answer.
    """
    return {
        "id": str(job.pk),
        "status": Status.NEW,
        "createdAt": stamp(job.created_at),
        "task": job.task,
        "model": job.model,
        "servedBy": job.served_by,
        "ref": job.ref or None,
        "isTest": job.is_test,
        "cancelAfter": stamp(job.cancel_after),
        "params": params_of(job),
        "cost": {"credits": job.credits, "charged": 0, "perImage": job.credits_per_image},
    }


def diffusion(job: Job, images: Sequence[Image], queue_position: int | None = None) -> dict[str, Any]:
    """Return a run as it is now; `images` are its visible pictures in order."""
    outputs = [output(image) for image in images]
    return {
        **created(job),
        "status": job.status,
        "startedAt": stamp(job.started_at),
        "finishedAt": stamp(job.finished_at),
        "images": [one["url"] for one in outputs],
        "outputs": outputs,
        "cost": {"credits": job.credits, "charged": job.credits_charged, "perImage": job.credits_per_image},
        "queuePosition": queue_position if job.status == Status.NEW else None,
        "progress": progress_of(job),
        "error": error_of(job),
    }


def output(image: Image) -> dict[str, Any]:
    """Return one picture: where it is and how it was made."""
    return {
        "id": str(image.pk),
        "url": absolute(storage.signed_url(image.file)),
        "seed": image.seed,
        "width": image.width,
        "height": image.height,
        "contentType": image.content_type,
        "sizeBytes": image.size_bytes,
        "sha256": image.sha256,
        "deletesAt": stamp(image.created_at + timedelta(days=settings.API_RETENTION_DAYS)),
    }


def params_of(job: Job) -> dict[str, Any]:
    """Return the settings under the request's names, with the seed that was drawn where none was given."""
    names = {"num_inference_steps": "steps"}
    return {camel_case(names.get(name, name)): value for name, value in job.params.items() if name != "model"}


def progress_of(job: Job) -> dict[str, int]:
    """Return how far it is, in steps over all pictures and in percent."""
    if not job.is_active:
        return {"step": 0, "of": 0, "percent": 100}
    found = progress.read(job.pk) if job.status == Status.PROCESSING else None
    if found is None or not found.of:
        return {"step": 0, "of": 0, "percent": 0}
    return {"step": found.step, "of": found.of, "percent": 100 * found.step // found.of}


def error_of(job: Job) -> dict[str, Any] | None:
    """Return why pictures are missing; None where none are."""
    if not (job.error_code or job.error_message):
        return None
    code = job.error_code or "incomplete"
    message = job.error_message or "Some pictures are missing."
    return {"type": "generation_failed", "code": code, "message": message, "param": None, "docUrl": doc_url(code)}
