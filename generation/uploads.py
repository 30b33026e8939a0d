"""Pictures that people bring along: checked, re-encoded, kept privately, once each, for a time.

What test keys bring is a side of its own: never found again as the other side's, and counted apart.

What a file says beside its pixels (EXIF, places, comments, whatever hangs on behind) never gets past here: only pixels
are kept, as a PNG of our own making. How a file is opened: `picture_reading`. Nothing here belongs inside a
transaction.
"""

import io
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext
from PIL import Image as Pillow

from accounts.ids import uuid7
from accounts.models import ApiKey, User
from generation import image_check, moderation, picture_reading, storage
from generation.errors import PictureRefused
from generation.models import CustomModelPicture, Job, JobInput, Upload
from generation.models.upload import UploadQuerySet
from generation.picture_reading import Encoded


@dataclass(frozen=True)
class Kept:
    """An upload, and whether it came just now; one that was there before is found again by its pixels."""

    upload: Upload
    is_new: bool


@dataclass(frozen=True)
class UploadPage:
    """Some uploads, and where the next page begins (None: this was the last)."""

    found: list[Upload]
    next_after: uuid.UUID | None


def keep(user: User, content: bytes, *, kind: Upload.Kind = Upload.Kind.PICTURE, is_test: bool = False) -> Kept:
    """Keep a picture for this person, or find the same one on that side of theirs. Raises: PictureRefused, OSError."""
    return keep_read(user, picture_reading.read(content, is_grey=kind == Upload.Kind.MASK), kind=kind, is_test=is_test)


def keep_read(user: User, encoded: Encoded, *, kind: Upload.Kind, is_test: bool) -> Kept:
    """Keep a picture that was read already, or find the same one. Raises: PictureRefused, OSError."""
    first = _used_again(user, kind, encoded.sha256, is_test=is_test)
    if first is not None:
        return Kept(first, is_new=False)
    _refuse_over_quota(user, len(encoded.png), is_test=is_test)
    if kind == Upload.Kind.PICTURE:
        _refuse_explicit(user, encoded.png, encoded.sha256)
    upload_id = uuid7()
    folder = f"uploads/{upload_id.hex[-2:]}/{upload_id.hex}"
    upload = Upload(
        id=upload_id,
        user=user,
        kind=kind,
        is_test=is_test,
        sha256=encoded.sha256,
        width=encoded.width,
        height=encoded.height,
        is_transparent=encoded.is_transparent,
        darkest=encoded.darkest,
        lightest=encoded.lightest,
        file=f"{folder}/original.png",
        thumbnail=f"{folder}/320.webp",
        placeholder=encoded.placeholder,
        size_bytes=len(encoded.png) + len(encoded.thumbnail),
        file_bytes=len(encoded.png),
    )
    return _store(upload, encoded)


def measure(found: Iterable[Upload]) -> None:
    """Note the file's size of those uploads that are from before its column, until the bucket does not answer."""
    for upload in found:
        if upload.file_bytes is not None:
            continue
        try:
            size = storage.size_bytes(upload.file)
        except Exception as error:
            if not storage.is_away(error):
                raise
            return
        upload.file_bytes = size
        Upload.objects.filter(pk=upload.pk).update(file_bytes=size)


def delete(upload: Upload) -> None:
    """Take an upload away at its owner's wish; what was made from it keeps a stub (`JobInput`)."""
    Upload.objects.filter(pk=upload.pk, deleted_at__isnull=True).update(deleted_at=timezone.now())


def take_back(upload: Upload) -> None:
    """Take away what was kept for a request that was refused in the end, unless it was used again since."""
    since = Upload.objects.filter(pk=upload.pk, used_at=upload.used_at, deleted_at__isnull=True)
    since.update(deleted_at=timezone.now())


def remove(upload_ids: Iterable[uuid.UUID]) -> None:
    """Take uploads away at once, files and all; what a model still learns from stays."""
    chosen = list(upload_ids)
    give_up(chosen)
    _purge(Upload.objects.filter(pk__in=chosen).exclude(pk__in=_learned_from()))


def give_up(upload_ids: Iterable[uuid.UUID]) -> None:
    """Mark uploads as deleted, and leave their files to the next sweep; what a model still learns from stays."""
    found = Upload.objects.filter(pk__in=list(upload_ids), deleted_at__isnull=True).exclude(pk__in=_learned_from())
    found.update(deleted_at=timezone.now())


def purge(limit: int = 1000) -> int:
    """Remove what was deleted and what nobody has used for UPLOAD_RETENTION_DAYS; returns how many.

    What a run that has not ended begins from stays until it has, and what a model learns from as long as it is there.
    """
    before = timezone.now() - timedelta(days=settings.UPLOAD_RETENTION_DAYS)
    over = Upload.objects.filter(deleted_at__isnull=False) | Upload.objects.filter(used_at__lt=before)
    return _purge(over, limit)


def find(user: User, upload_id: str) -> Upload | None:
    """Return a person's upload; None for what is not there, is deleted or another's."""
    return _find(Upload.objects.visible_to(user), upload_id)


def find_for_key(key: ApiKey, upload_id: str) -> Upload | None:
    """Return an upload on the key's side; None for what is not there, is deleted, another's or the other side's."""
    return _find(Upload.objects.visible_to_key(key), upload_id)


def page_for_key(key: ApiKey, *, after: uuid.UUID | None, size: int) -> UploadPage:
    """Return the newest uploads on the key's side that are older than `after`."""
    seen = Upload.objects.visible_to_key(key)
    if after is not None:
        seen = seen.filter(pk__lt=after)
    # One more than is shown tells whether there is a next page, without counting.
    found = list(seen.order_by("-id")[: size + 1])
    return UploadPage(found[:size], found[size - 1].pk if len(found) > size else None)


def _find(seen: UploadQuerySet, upload_id: str) -> Upload | None:
    try:
        pk = uuid.UUID(upload_id)
    except ValueError:
        return None
    return seen.filter(pk=pk).first()


def _learned_from() -> QuerySet[Any, Any]:
    return CustomModelPicture.objects.values("upload")


def _purge(over: QuerySet[Upload], limit: int = 1000) -> int:
    wanted = JobInput.objects.filter(job__status__in=Job.ACTIVE, upload__isnull=False).values("upload")
    over = over.exclude(pk__in=wanted).exclude(pk__in=_learned_from())
    count = 0
    for upload in list(over[:limit]):
        # Asked again, and nobody's from here on: it may have been used since the list was made.
        if not over.filter(pk=upload.pk).update(deleted_at=timezone.now()):
            continue
        # Files first: files without a row could never be found again.
        storage.delete(*upload.files)
        upload.delete()
        count += 1
    return count


def _refuse_explicit(user: User, png: bytes, sha256: str) -> None:
    """Refuse what a classifier sees something in that is not allowed. Raises: PictureRefused."""
    if not image_check.is_on():
        return
    with Pillow.open(io.BytesIO(png)) as picture:
        sight = image_check.verdict(image_check.look(np.asarray(picture)))
    message = moderation.refuse_picture(user, sha256, sight.category, sight.score) if sight else ""
    if message:
        raise PictureRefused(moderation.CODE, message)


def _store(upload: Upload, encoded: Encoded) -> Kept:
    try:
        default_storage.save(upload.file, ContentFile(encoded.png))
        default_storage.save(upload.thumbnail, ContentFile(encoded.thumbnail))
        with transaction.atomic():
            # Of several at once, each counts those before it, but for the same picture: that takes no more room.
            User.objects.select_for_update(no_key=True).get(pk=upload.user_id)
            faster = _used_again(upload.user, upload.kind, upload.sha256, is_test=upload.is_test)
            if faster is None:
                _refuse_over_quota(upload.user, len(encoded.png), is_test=upload.is_test)
                upload.save(force_insert=True)
    except BaseException:
        storage.delete(*upload.files)
        raise
    if faster is not None:
        storage.delete(*upload.files)
        return Kept(faster, is_new=False)
    return Kept(upload, is_new=True)


def _used_again(user: User, kind: str, sha256: str, *, is_test: bool) -> Upload | None:
    """Return the same picture, which counts as used from here on; None where there is none, or it went just now."""
    same = Upload.objects.visible_to(user).filter(is_test=is_test, kind=kind, sha256=sha256).first()
    if same is None:
        return None
    same.used_at = timezone.now()
    is_there = Upload.objects.filter(pk=same.pk, deleted_at__isnull=True).update(used_at=same.used_at)
    return same if is_there else None


def _refuse_over_quota(user: User, size_bytes: int, *, is_test: bool) -> None:
    quota = settings.UPLOAD_QUOTA_BYTES
    used = Upload.objects.visible_to(user).filter(is_test=is_test).aggregate(size=Sum("size_bytes"))["size"] or 0
    if used + size_bytes > quota:
        message = gettext(
            "Your uploads take %(used)s of %(quota)s MB: no room for this one. They "
            "go by themselves %(days)s days after their last use."
        ) % {
            "used": used // 1000000,
            "quota": quota // 1000000,
            "days": settings.UPLOAD_RETENTION_DAYS,
        }
        raise PictureRefused("quota_reached", message)
