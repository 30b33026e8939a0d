"""Draws a picture once more, from its own recipe, and says how far what comes is from what it is.

It waits in the queue like every run and takes its turn there, costs nothing, and leaves no picture. A person has one
under way at a time, and so many a day (settings.REPRODUCTIONS_A_DAY).
"""

import io
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from PIL import Image as Pillow

from accounts.ids import uuid7
from accounts.models import User
from generation import (
    base_weights,
    catalog,
    doorbell,
    environments,
    lifecycle,
    picture_difference,
    picture_encoding,
    storage,
    video_encoding,
)
from generation.errors import ModelUnknown, ReproductionRefused
from generation.models import Clip, CustomModel, Image, Job, JobInput, Reproduction, Upload
from generation.picture_difference import Difference
from generation.task_names import REPRODUCTION
from generation.video_encoding import Frame, Frames

# What a run that failed is told by here: its own words speak of credits.
_FAILED = {
    "model_missing": gettext_noop("the model's files are no longer on this server."),
    "lora_gone": gettext_noop("a model of your own that drew it was deleted or replaced meanwhile."),
    "source_gone": gettext_noop("a picture that it began from was deleted meanwhile."),
    "model_damaged": gettext_noop("the model's files are damaged; the operator has been told."),
}
_ENDED_BADLY = (Job.Status.FAILED, Job.Status.CANCELED)
_FAILED_OTHERWISE = gettext_noop("the drawing stopped. Please try again later.")


@dataclass(frozen=True)
class Face:
    """What a page shows of the last time; `failure` is why it came to nothing, as a sentence goes on.

    `changes` are what the picture was drawn with and what it was drawn with this time: (fact, then, now).
    """

    is_waiting: bool = False
    is_active: bool = False
    at: datetime | None = None
    result: Reproduction | None = None
    failure: str = ""
    changes: Sequence[tuple[str, str, str]] = ()
    is_recorded: bool = False


def order(user: User, image: Image) -> Reproduction:
    """Have one of the person's pictures drawn again; returns the one that is under way for it already.

    Raises: ReproductionRefused, which says why.
    """
    refuse_what_cannot_be(image)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once: the second sees the first
        mine = Reproduction.objects.filter(job__user=user).select_related("job")
        active = mine.filter(job__status__in=Job.ACTIVE).first()
        if active is not None:
            if active.image_id == image.pk:
                return active
            raise ReproductionRefused(gettext("Another picture is being verified. Wait until that has ended."))
        since = timezone.now() - timedelta(days=1)
        if mine.filter(job__created_at__gt=since).count() >= settings.REPRODUCTIONS_A_DAY:
            raise ReproductionRefused(
                gettext("%(reproductions_a_day)s pictures can be verified within a day.")
                % {"reproductions_a_day": settings.REPRODUCTIONS_A_DAY}
            )
        return _place(user, image)


def refuse_what_cannot_be(image: Image) -> None:
    """Raise where the picture can't be drawn again. Raises: ReproductionRefused."""
    if not image.file or not default_storage.exists(image.file):
        raise ReproductionRefused(gettext("The picture's file is gone: there is nothing to compare with."))
    try:
        model = catalog.find(image.job.served_by).model
    except ModelUnknown:
        raise ReproductionRefused(
            gettext("The model %(served_by)s was withdrawn.") % {"served_by": image.job.served_by}
        ) from None
    if not model.is_installed:
        raise ReproductionRefused(gettext("The model %(name)s is not on this server any more.") % {"name": model.name})
    _refuse_replaced_weights(image, model)
    for lora in image.job.params.get("loras", ()):
        ready = CustomModel.objects.filter(pk=lora["id"], state=CustomModel.State.READY, sha256=lora["sha256"])
        if not ready.exists():
            raise ReproductionRefused(
                gettext("The model “%(value)s” was deleted, or its weights were replaced.") % {"value": lora["name"]}
                if lora["name"]
                else gettext("The model of an account that was erased is gone with it.")
            )
    if any(not _is_there(one) for one in image.job.inputs.select_related("image", "upload")):
        raise ReproductionRefused(gettext("A picture that this one began from was deleted."))


def face_of(image: Image) -> Face:
    """Return how the last time stands that a picture was drawn again. Reads what both were drawn with."""
    rows = Reproduction.objects.filter(image=image).select_related("job", "environment")
    found = rows.order_by("-pk").first()
    if found is None:
        return Face()
    job = found.job
    then, now = image.environment, found.environment
    return Face(
        is_waiting=job.status == Job.Status.NEW,
        is_active=job.is_active,
        at=job.finished_at,
        result=found if job.status == Job.Status.FINISHED else None,
        failure=gettext(_FAILED.get(job.error_code, _FAILED_OTHERWISE)) if job.status in _ENDED_BADLY else "",
        changes=environments.changes(then.facts, now.facts) if then and now else [],
        is_recorded=then is not None,
    )


def conclude(job: Job, attempt: int, raw: Path, environment: str) -> None:
    """Compare what was drawn with the picture, write down what was found and end the run.

    `raw` holds pixels as `storage.save` takes them; of a video every frame is compared.

    Raises: JobEnded; OSError where the picture's file is gone.
    """
    found = Reproduction.objects.select_related("image__job", "image__clip").get(job=job)
    drawn, clip = np.load(raw, allow_pickle=False), found.image.video
    first = drawn[0] if drawn.ndim == 4 else drawn
    facts: dict[str, Any] = {"environment_id": environment or None}
    facts["pixels_sha256"] = picture_encoding.pixels_sha256_of(Pillow.fromarray(first))
    difference = _from_clip(clip, drawn) if clip else _from_picture(found.image, drawn)
    if difference is None:
        facts |= {"max_difference": 255, "psnr": 0.0, "ssim": 0.0}  # another size: nothing of it is the same
    else:
        psnr = None if math.isinf(difference.psnr) else difference.psnr
        facts |= {"max_difference": difference.max_difference, "psnr": psnr, "ssim": difference.ssim}
    rows = Reproduction.objects.filter(pk=found.pk)
    lifecycle.finish_reproduction(job, attempt, lambda: rows.update(**facts))


def _from_picture(image: Image, drawn: Frame) -> Difference | None:
    with Pillow.open(io.BytesIO(storage.read(image.file))) as picture:
        return picture_difference.between(np.asarray(picture, np.uint8), drawn)


def _from_clip(clip: Clip, drawn: Frames) -> Difference | None:
    """Compare a video with frames that were drawn again.

    Where they are not the very ones, both are compared as they look: drawn anew, they become a file as the video's
    frames did, for what an MP4 takes away from either is no difference between them.
    """
    if clip.frames_sha256 == video_encoding.frames_sha256_of(drawn):
        return picture_difference.NONE
    again = video_encoding.read_mp4(video_encoding.mp4(drawn, clip.fps))
    return picture_difference.between_frames(video_encoding.read_mp4(storage.read(clip.mp4)), again)


def _place(user: User, image: Image) -> Reproduction:
    job_id = uuid7()
    of = image.job
    job = Job.objects.create(
        id=job_id,
        user=user,
        submit_key=f"{REPRODUCTION}:{job_id.hex}",
        task=REPRODUCTION,
        model=of.model,
        served_by=of.served_by,
        params={**of.params, "seed": image.seed, "num_images": 1, "drawn_task": of.task, **_company_of(image)},
        words=[of.words_of(image.index)],
        num_images=1,
        credits_per_image=0,
        pricing_version=of.pricing_version,
        # Its own: it shares no pass with others' pictures, but is drawn at the same place of one of the same size.
        batch_key=f"{REPRODUCTION}:{job_id.hex}",
    )
    inputs = list(of.inputs.all())
    Upload.objects.filter(pk__in=[one.upload_id for one in inputs]).update(used_at=timezone.now())
    JobInput.objects.bulk_create(_copy(one, job_id) for one in inputs)
    found = Reproduction.objects.create(job=job, image=image)
    doorbell.ring()
    return found


def _company_of(image: Image) -> dict[str, Any]:
    return {"company": [image.pass_place, image.pass_size]} if image.pass_size else {}


def _copy(one: JobInput, job_id: uuid.UUID) -> JobInput:
    fields = {field.attname: getattr(one, field.attname) for field in JobInput._meta.concrete_fields}
    return JobInput(**{**fields, "id": None, "job_id": job_id})


def _is_there(one: JobInput) -> bool:
    source = one.upload or one.image
    return source is not None and bool(source.file) and default_storage.exists(source.file)


def _refuse_replaced_weights(image: Image, model: catalog.CatalogModel) -> None:
    if image.environment is None:
        return
    then, now = image.environment.facts["model"]["weights_sha256"], base_weights.all_of(model)
    if then != now:
        raise ReproductionRefused(
            gettext("The weights of %(name)s were replaced since: it was drawn with %(value)s…, here are %(value_2)s….")
            % {"name": model.name, "value": then[:12], "value_2": now[:12]}
        )
