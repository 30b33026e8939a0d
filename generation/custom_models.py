"""The verbs of a person's own models: from draft to training to use; shared, renamed, deleted. States change here.

What pictures must be is `preflight`'s; the training itself, and what it costs, is `trainings`'. Files are written and
removed outside of transactions.
"""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, ngettext
from PIL import Image as Pillow

from accounts.ids import uuid7
from accounts.models import User
from billing import ledger
from generation import checksums, lifecycle, moderation, picture_encoding, storage, uploads, xmp
from generation.errors import CustomModelGone, CustomModelRefused
from generation.models import CustomModel, CustomModelGuest, CustomModelPicture, CustomModelSample, Job, Upload
from generation.models.custom_model import CAPTION_MAX_LENGTH

logger = logging.getLogger(__name__)

State = CustomModel.State
PICTURES_MAX = 30
_STARTABLE = (State.DRAFT, State.FAILED)
_NOTHING_LEARNED: dict[str, Any] = {"steps_done": 0, "steps_total": 0, "seconds_left": None, "loss_curve": []}
_TRIGGER_WORD_TAKEN = gettext_noop("You use this word for another model of yours. Take another, or delete that model.")


@dataclass(frozen=True)
class Weights:
    """A LoRA's file in the storage: its name there, checksum, bytes, and the largest rank in it."""

    name: str
    sha256: str
    size_bytes: int
    rank: int


def create_draft(owner: User, **facts: Any) -> CustomModel:
    """Begin a model; `facts` are fields of the draft (`name`, `subject_class`, `trigger_word`, `base_model`).

    Raises: CustomModelRefused when the plan has no place left, or the trigger word is in use.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # two at once would both find the last place
        _refuse_without_place(owner)
        return _save(CustomModel(owner=owner, **facts))


def update_draft(model: CustomModel, **facts: Any) -> None:
    """Change what a model that was not started is to be. Raises: CustomModelRefused, CustomModelGone."""
    for name, value in facts.items():
        setattr(model, name, value)
    try:
        with transaction.atomic():
            if not CustomModel.objects.filter(pk=model.pk, state__in=_STARTABLE).update(**facts):
                raise CustomModelGone
    except IntegrityError:
        raise CustomModelRefused("trigger_word", gettext(_TRIGGER_WORD_TAKEN)) from None


def consent(model: CustomModel, text: str) -> None:
    """Write down that the owner agreed to this text, now; an empty one takes it back."""
    update_draft(model, consent_text=text, consented_at=timezone.now() if text else None)


def add_picture(model: CustomModel, upload: Upload) -> CustomModelPicture:
    """Let a model learn from one more picture; the same one again is the row that is there.

    What its owner agreed to was about the pictures that were there: it is to be agreed to anew.

    Raises: CustomModelRefused when there are as many as can be, CustomModelGone.
    """
    with transaction.atomic():
        _lock_startable(model)
        found = model.pictures.filter(upload=upload).first()
        if found is not None:
            return found
        refuse_without_room(model)
        CustomModel.objects.filter(pk=model.pk).update(consent_text="", consented_at=None)
        model.consent_text, model.consented_at = "", None
        last = model.pictures.aggregate(last=Max("position"))["last"]
        return CustomModelPicture.objects.create(model=model, upload=upload, position=0 if last is None else last + 1)


def refuse_without_room(model: CustomModel) -> None:
    """Refuse one more picture where there are as many as can be. Raises: CustomModelRefused."""
    if model.pictures.count() >= PICTURES_MAX:
        message = gettext("A model learns from at most %(most)s pictures. Take one out first.") % {"most": PICTURES_MAX}
        raise CustomModelRefused("pictures", message)


def remove_picture(picture: CustomModelPicture) -> None:
    """Take a picture out of a model that was not started. Raises: CustomModelGone."""
    with transaction.atomic():
        _lock_startable(picture.model)
        picture.delete()


def caption(picture: CustomModelPicture, words: str) -> None:
    """Say what else is to be seen in a picture of a model that was not started.

    Raises: CustomModelRefused, CustomModelGone.
    """
    if len(words) > CAPTION_MAX_LENGTH:
        message = gettext("These words have %(length)s characters; %(most)s are the most.") % {
            "length": len(words),
            "most": CAPTION_MAX_LENGTH,
        }
        raise CustomModelRefused("pictures", message)
    if "\x00" in words:
        raise CustomModelRefused("pictures", gettext("These words hold a null character, which can't be stored."))
    with transaction.atomic():
        _lock_startable(picture.model)
        CustomModelPicture.objects.filter(pk=picture.pk).update(caption=words)


def begin(model: CustomModel, job: Job) -> None:
    """Note that a training was ordered; called inside the transaction that sets its price aside.

    Raises: CustomModelGone when it was started, or deleted, before.
    """
    facts = {"state": State.TRAINING, "job": job, "finished_at": None, "failure_reason": "", "base_sha256": ""}
    startable = CustomModel.objects.filter(pk=model.pk, state__in=_STARTABLE)
    if not startable.update(**_NOTHING_LEARNED, **facts):
        raise CustomModelGone
    model.job, model.state = job, State.TRAINING
    _forget_samples(model)  # of a training before


def train_on(model: CustomModel, base_sha256: str) -> None:
    """Write down which weights a training learns on; what was learned on others is forgotten.

    Raises: CustomModelGone when it is not this training's any more.
    """
    with transaction.atomic():
        if not _in_training(model).update(**_NOTHING_LEARNED, base_sha256=base_sha256):
            raise CustomModelGone
        _forget_samples(model)
    model.base_sha256 = base_sha256


def report(
    model: CustomModel, *, step: int, of: int, losses: Sequence[Sequence[float]], seconds_left: float | None = None
) -> None:
    """Show how a training goes: `losses` are all [step, loss] pairs so far. One that is over changes nothing."""
    _in_training(model).update(
        steps_done=step,
        steps_total=of,
        loss_curve=[[int(at), round(float(loss), 5)] for at, loss in losses],
        seconds_left=None if seconds_left is None else max(0, round(seconds_left)),
    )


def add_sample(model: CustomModel, picture: Pillow.Image, *, quarter: int, position: int, prompt: str) -> None:
    """Keep a picture that the model drew in training; one that is there already, of an earlier attempt, stays.

    One of a training that is over, or was begun anew since, is not kept.

    Raises: OSError.
    """
    if model.samples.filter(quarter=quarter, position=position).exists():
        return
    sample_id, packet = uuid7(), xmp.short_packet()
    folder = f"{folder_of(model)}/samples/{sample_id.hex}"
    sample = CustomModelSample(
        model=model,
        quarter=quarter,
        position=position,
        prompt=prompt[:200],
        width=picture.width,
        height=picture.height,
        file=f"{folder}/original.png",
        thumbnail=f"{folder}/320.webp",
        placeholder=picture_encoding.placeholder_of(picture),
    )
    try:
        default_storage.save(sample.file, ContentFile(picture_encoding.png_of(picture, {xmp.PNG_KEYWORD: packet})))
        default_storage.save(sample.thumbnail, ContentFile(picture_encoding.thumbnail_of(picture, packet)))
        with transaction.atomic():
            if not _in_training(model).select_for_update().exists():
                raise CustomModelGone
            sample.save(force_insert=True)
    except (IntegrityError, CustomModelGone):
        storage.delete(*sample.files)  # another attempt was faster, or it is another training's model by now
    except BaseException:
        storage.delete(*sample.files)
        raise


def keep_weights(model: CustomModel, file: Path, *, rank: int) -> Weights:
    """Put a LoRA's file into the storage; never inside a transaction. Raises: OSError."""
    name = f"{folder_of(model)}/{uuid7().hex}.safetensors"
    try:
        with file.open("rb") as content:
            name = default_storage.save(name, File(content))
    except BaseException:
        storage.delete(name)
        raise
    return Weights(name, checksums.hash_file(file), file.stat().st_size, rank)


def finish(model: CustomModel, weights: Weights, *, losses: Sequence[Sequence[float]] = ()) -> None:
    """Make a trained model ready; may be inside the transaction that charges it.

    Raises: CustomModelGone when it is not in training any more; its file is the caller's to `discard` then.
    """
    facts = _facts_of(weights) | ({"loss_curve": [list(pair) for pair in losses]} if losses else {})
    if not _in_training(model).update(state=State.READY, finished_at=timezone.now(), seconds_left=None, **facts):
        raise CustomModelGone


def bring(draft: CustomModel, weights: Weights) -> None:
    """Make a draft ready with a LoRA that was brought along and checked. Raises: CustomModelGone."""
    facts = {**_facts_of(weights), "origin": CustomModel.Origin.UPLOADED, "finished_at": timezone.now()}
    if not CustomModel.objects.filter(pk=draft.pk, state=State.DRAFT).update(state=State.READY, **facts):
        raise CustomModelGone


def discard(weights: Weights) -> None:
    """Remove a file that no model took."""
    storage.delete(weights.name)


def fail(model: CustomModel, reason: str) -> None:
    """End a training without a model: `reason` is for the person. Its pictures stay, and it can be started again."""
    CustomModel.objects.filter(pk=model.pk).fail(reason)


def rename(model: CustomModel, name: str) -> None:
    """Give a model another name."""
    CustomModel.objects.stored().filter(pk=model.pk).update(name=name)


def delete(model: CustomModel) -> None:
    """Delete a model with its weights, training pictures and samples; a training of it is canceled and costs nothing.

    Runs that wait for it fail, and give their credits back, when their turn comes.
    """
    if model.job is not None and model.job.is_active:
        lifecycle.cancel(model.job)
    with transaction.atomic():
        current = CustomModel.objects.select_for_update().stored().filter(pk=model.pk).first()
        if current is None:
            return
        uploaded = list(model.pictures.values_list("upload", flat=True))
        samples = list(model.samples.all())
        for rows in (model.pictures, model.samples, model.guests):
            rows.all().delete()
        facts: dict[str, Any] = {"weights": "", "share_token": None, "seconds_left": None, "loss_curve": []}
        CustomModel.objects.filter(pk=model.pk).update(state=State.DELETED, deleted_at=timezone.now(), **facts)
        # Behind this moment sweeps find what is left, should this process or the storage fail.
        uploads.give_up(uploaded)
    storage.delete(*(key for sample in samples for key in sample.files), *filter(None, [current.weights]))
    uploads.remove(uploaded)
    logger.info("custom model deleted", extra={"custom_model": model.pk})


def share(model: CustomModel) -> str:
    """Return the token of a ready model's link, made at the first call. Raises: CustomModelGone, ContentRefused."""
    moderation.check_shown(model.owner, "name", model.name)
    token = secrets.token_urlsafe(32)
    ready = CustomModel.objects.filter(pk=model.pk, state=State.READY)
    ready.filter(share_token__isnull=True).update(share_token=token)
    found = ready.values_list("share_token", flat=True).first()
    if found is None:
        raise CustomModelGone
    return found


def unshare(model: CustomModel) -> None:
    """Let the link lead nowhere, and nobody else draw with the model."""
    CustomModel.objects.filter(pk=model.pk).update(share_token=None)
    model.guests.all().delete()


def accept(model: CustomModel, user: User, token: str) -> None:
    """Let somebody who followed the link draw with the model while the link holds."""
    if model.owner_id != user.pk:
        CustomModelGuest.objects.update_or_create(model=model, user=user, defaults={"share_token": token})


def shared_by(token: str) -> CustomModel | None:
    """Return the model that a link leads to; None where there is none any more."""
    return CustomModel.objects.shared().filter(share_token=token).first() if token else None


def delete_files_of(model: CustomModel) -> None:
    """Remove whatever lies in a model's folder, whether a row names it or not."""
    storage.delete(*storage.files_under(folder_of(model)))


def folder_of(model: CustomModel) -> str:
    """Return where a model's files lie in the storage."""
    return f"models/{model.pk.hex[-2:]}/{model.pk.hex}"


def places(owner: User) -> tuple[int, int]:
    """Return how many models a person keeps, and how many the plan has room for."""
    plan = ledger.wallet_of(owner).plan
    assert plan is not None  # only the API's wallets have none
    return CustomModel.objects.visible_to(owner).count(), plan.models_stored


# --- private, in the order of their callers --------------------------------------------------------


def _refuse_without_place(owner: User) -> None:
    stored, limit = places(owner)
    if stored >= limit:
        message = ngettext(
            "Your plan keeps %(limit)s model of your own. Delete one, or choose a plan with more room.",
            "Your plan keeps %(limit)s models of your own. Delete one, or choose a plan with more room.",
            limit,
        ) % {"limit": limit}
        raise CustomModelRefused("form", message)


def _save(model: CustomModel) -> CustomModel:
    try:
        with transaction.atomic():
            model.save(force_insert=True)
    except IntegrityError:
        raise CustomModelRefused("trigger_word", gettext(_TRIGGER_WORD_TAKEN)) from None
    return model


def _in_training(model: CustomModel) -> QuerySet[CustomModel]:
    """Return the model's row while the training that `model` was read with is the one that it is in."""
    return CustomModel.objects.filter(pk=model.pk, job=model.job_id, state=State.TRAINING)


def _forget_samples(model: CustomModel) -> None:
    old = [key for sample in model.samples.all() for key in sample.files]
    model.samples.all().delete()
    transaction.on_commit(lambda: storage.delete(*old))


def _lock_startable(model: CustomModel) -> None:
    if not CustomModel.objects.select_for_update().filter(pk=model.pk, state__in=_STARTABLE).exists():
        raise CustomModelGone


def _facts_of(weights: Weights) -> dict[str, Any]:
    return {
        "weights": weights.name,
        "sha256": weights.sha256,
        "size_bytes": weights.size_bytes,
        "rank": weights.rank,
    }
