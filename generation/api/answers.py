"""How a run reads as JSON. Times are UTC with milliseconds and Z; a field without a value is null."""

import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings

from generation import catalog, params, progress, storage
from generation.api.names import TASKS, camel_case
from generation.api.problems import doc_url
from generation.catalog import CatalogModel, Served
from generation.diffusions import Diffusion, DiffusionPage
from generation.models import Clip, Image, Job
from generation.params.pictures import RESULT_PIXELS_MAX
from generation.pricing import Quote

Status = Job.Status


def stamp(moment: datetime | None) -> str | None:
    """Return `2023-01-01T00:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def absolute(path: str) -> str:
    """Return a path's whole address; a bucket's link is one already."""
    return urljoin(settings.SITE_URL, path)


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
        "warnings": warnings_of(job.served_by, job.params.get("loras", ())),
        "cost": {"credits": job.credits, "charged": 0, "perImage": job.credits_per_image},
        "manifestUrl": absolute(f"/v1/diffusions/{job.pk}/manifest"),
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


def found(diffusion_: Diffusion) -> dict[str, Any]:
    """Return a run that was found."""
    return diffusion(diffusion_.job, diffusion_.images, diffusion_.queue_position)


def page(page_: DiffusionPage) -> dict[str, Any]:
    """Return one page of a list of runs."""
    return page_of([found(one) for one in page_.found], page_.next_after)


def page_of(data: list[dict[str, Any]], after: uuid.UUID | None) -> dict[str, Any]:
    """Return one page of a list; `after`: where the next begins, None where this is the last."""
    return {"data": data, "hasMore": after is not None, "next": str(after) if after else None}


def quote(quoted: Quote, quote_id: str, expires_at: datetime, warnings: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return a price with the factors it is made of; `warnings` are those that its run would have."""
    return {
        "quoteId": quote_id,
        "credits": quoted.credits,
        "perImage": quoted.credits_per_image,
        "numImages": quoted.num_images,
        "pricingVersion": quoted.version,
        "terms": [{"name": term.name, "factor": float(term.factor), "detail": term.detail} for term in quoted.terms],
        "warnings": list(warnings),
        "expiresAt": stamp(expires_at),
    }


def model(served: Served) -> dict[str, Any]:
    """Return a model as it is offered under one of its names."""
    found_ = served.model
    return {
        "id": served.slug,
        "name": found_.name,
        "summary": found_.summary,
        "servedBy": found_.slug,
        "available": found_.is_available,
        "unavailableReason": _why_unavailable(found_),
        "tasks": [task for task in TASKS if catalog.can(found_, task)],
        "limits": _limits(found_),
        "defaults": {
            "width": found_.default_size.width,
            "height": found_.default_size.height,
            "numImages": 1,
            "steps": found_.default_steps,
            "guidanceScale": found_.default_guidance,
            "scheduler": found_.schedulers[0] if found_.schedulers else None,
        },
        "prices": {"perImage": max(1, math.ceil(found_.price_weight)), "unit": "credits", "at": "defaults"},
        "licence": {
            "name": found_.licence.name,
            "url": found_.licence.url,
            "commercial": found_.licence.commercial,
        },
    }


def _why_unavailable(found_: CatalogModel) -> str | None:
    if found_.off_reason:
        return found_.off_reason
    return None if found_.is_installed else "It is not installed here."


def _limits(found_: CatalogModel) -> dict[str, Any]:
    return {
        "promptMaxLength": params.PROMPT_MAX_LENGTH,
        "numImagesMax": params.NUM_IMAGES_MAX,
        "sideMin": found_.min_side,
        "sideMax": found_.max_side,
        "sideMultipleOf": found_.grid,
        "stepsMin": params.STEPS_MIN,
        "stepsMax": found_.max_steps,
        "guidanceScaleMin": params.GUIDANCE_MIN,
        "guidanceScaleMax": params.GUIDANCE_MAX,
        "schedulers": list(found_.schedulers),
        "negativePrompt": found_.negative_prompt,
        "weights": found_.takes_weights,
        "controls": catalog.controls_of(found_),
        "inputBytesMax": settings.INPUT_IMAGE_MAX_BYTES,
        "inputPixelsMax": settings.UPLOAD_PIXELS_MAX,
        "resultPixelsMax": RESULT_PIXELS_MAX,
        "note": found_.limits_note,
    }


def output(image: Image) -> dict[str, Any]:
    """Return one picture, or one video: where it is and how it was made."""
    clip = image.video
    return {
        "id": str(image.pk),
        "url": absolute(storage.signed_url(clip.mp4 if clip else image.file)),
        "seed": image.seed,
        "prompt": image.prompt,
        "altText": image.description,
        "width": clip.width if clip else image.width,
        "height": clip.height if clip else image.height,
        "contentType": "video/mp4" if clip else image.content_type,
        "sizeBytes": clip.size_bytes if clip else image.size_bytes,
        "sha256": clip.sha256 if clip else image.sha256,
        **(_video(image, clip) if clip else {}),
        "deletesAt": stamp(image.created_at + timedelta(days=settings.API_RETENTION_DAYS)),
    }


def _video(image: Image, clip: Clip) -> dict[str, Any]:
    """Return what only a video has: its length, its first frame, and itself as files that are no video."""
    poster = {"url": absolute(storage.signed_url(image.file)), "contentType": image.content_type}
    return {
        "frames": clip.frames,
        "fps": clip.fps,
        "seconds": clip.seconds,
        "poster": {**poster, "sizeBytes": image.size_bytes, "sha256": image.sha256},
        "alternatives": [
            {"url": absolute(storage.signed_url(key)), "contentType": kind, "sizeBytes": size_bytes}
            for key, kind, size_bytes in (
                (clip.webp, "image/webp", clip.webp_bytes),
                (clip.gif, "image/gif", clip.gif_bytes),
            )
        ],
    }


def params_of(job: Job) -> dict[str, Any]:
    """Return the settings under the request's names, with the seed that was drawn where none was given.

    In an order of our own: a database may keep another.
    """
    stored = params.values_of(job.task, job.params)
    return {camel_case(name): stored[name] for name in params.FIELDS[job.task] if name != "model" and name in stored}


def warnings_of(served_by: str, loras: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return what is taken, and may yet come out otherwise than expected; `loras` are those of a run's settings."""
    return [
        {
            "code": "base_changed",
            "message": f"The model {used['id']} was made for an earlier version of {served_by}, whose weights have "
            "been replaced since. It draws all the same, but may look different from its samples.",
        }
        for used in loras
        if used.get("base_changed")
    ]


def progress_of(job: Job) -> dict[str, int]:
    """Return how far it is, in steps over all pictures and in percent.

    Of what has ended the steps that were asked for, as far as there are pictures; a task without steps counts pictures.
    """
    if not job.is_active:
        of = job.params.get("num_inference_steps") or job.num_images
        done = [total * job.images_stored // job.num_images for total in (of, 100)]
        return {"step": done[0], "of": of, "percent": done[1]}
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
