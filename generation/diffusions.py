"""Reads of the API's runs: one with its pictures in one query, and keyset pages of them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.db import transaction
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import timezone

from accounts import api_keys
from accounts.compiled import Compiled
from accounts.models import ApiKey, User
from billing.models import Product
from generation import queue_line
from generation.models import Clip, Image, Job
from generation.models.job import JobQuerySet

_SHOWN = (
    "id",
    "index",
    "seed",
    "words",
    "width",
    "height",
    "file",
    "content_type",
    "size_bytes",
    "sha256",
    "alt_text",
    "created_at",
)
_CLIP = tuple(field.attname for field in Clip._meta.concrete_fields if not field.primary_key)
_KEY = tuple(field.attname for field in ApiKey._meta.concrete_fields if field.name != "user")


@dataclass(frozen=True)
class Diffusion:
    """A run, its visible pictures in order, and its place in the queue while it waits (1: the next)."""

    job: Job
    images: list[Image]
    queue_position: int | None


@dataclass(frozen=True)
class DiffusionPage:
    """Some runs, and where the next page begins (None: this was the last)."""

    found: list[Diffusion]
    next_after: uuid.UUID | None


def find(user: User, diffusion_id: str, *, is_test: bool | None = None) -> Diffusion | None:
    """Return a person's run with its pictures; None for what is not there, is deleted or another's.

    `is_test` leaves out the runs of the other kind of key (None: neither). One query: this is what programs ask for
    again and again.
    """
    pk = _uuid(diffusion_id)
    rows = _find.rows(user_id=user.pk, pk=pk) if pk else []
    if not rows or is_test not in (None, rows[0].is_test):
        return None
    return _gather(rows)[0]


def find_with_key(digest: str, diffusion_id: str) -> tuple[Diffusion, ApiKey] | None:
    """Return what the key with this digest may see of `find`'s, and the key as `api_keys.verify` reads it.

    One query for both. Whether the key may be used is for the caller to ask.
    """
    pk = _uuid(diffusion_id)
    rows = _find_with_key.rows(digest=digest, pk=pk) if pk else []
    return (_gather(rows)[0], _key_of(rows[0])) if rows else None


def page(user: User, filters: dict[str, Any], *, after: uuid.UUID | None, size: int) -> DiffusionPage:
    """Return the newest runs that fit `filters` (of Job) and are older than `after`."""
    jobs = _mine(user).filter(**filters)
    if after is not None:
        jobs = jobs.filter(pk__lt=after)
    # One more than is shown tells whether there is a next page, without counting.
    ids = list(jobs.order_by("-id").values_list("pk", flat=True)[: size + 1])
    rows = list(_with_images(_mine(user).filter(pk__in=ids[:size])))
    found = sorted(_gather(rows), key=lambda one: one.job.pk, reverse=True)
    return DiffusionPage(found, ids[size - 1] if len(ids) > size else None)


def delete(job: Job) -> None:
    """Hide a run and its pictures; the files go with the next sweep, what they cost stays in the ledger."""
    now = timezone.now()
    with transaction.atomic():
        Job.objects.filter(pk=job.pk, deleted_at__isnull=True).update(deleted_at=now)
        Image.objects.filter(job=job, deleted_at__isnull=True).update(deleted_at=now)


def _mine(user: User) -> JobQuerySet:
    return Job.objects.visible_to(user).of_product(Product.API)


def _uuid(text: str) -> uuid.UUID | None:
    """Return the id that is written as ids are; None for any other text."""
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def _with_images(jobs: QuerySet[Job]) -> QuerySet[Any]:
    """Join each run's visible pictures: one row a picture, one for a run without any."""
    visible = FilteredRelation("images", condition=Q(images__deleted_at__isnull=True))
    shown: dict[str, Any] = {f"image_{name}": F(f"shown__{name}") for name in _SHOWN}
    shown |= {f"clip_{name}": F(f"shown__clip__{name}") for name in _CLIP}
    return cast(JobQuerySet, jobs).with_place().annotate(shown=visible).annotate(**shown)


def _with_key(digest: str, jobs: QuerySet[Job]) -> QuerySet[Any]:
    """Join the key with this digest; none, no row."""
    used = FilteredRelation("user__api_keys", condition=api_keys.with_digest(digest, "user__api_keys__"))
    key: dict[str, Any] = {f"key_{name}": F(f"key_used__{name}") for name in _KEY}
    joined = jobs.annotate(key_used=used).filter(is_test=F("key_used__is_test"))
    return joined.annotate(key_owner_is_active=F("user__is_active"), **key)


_find = Compiled(
    lambda user_id, pk: _with_images(_mine(User(pk=user_id)).filter(pk=pk)), user_id=uuid.UUID, pk=uuid.UUID
)
_find_with_key = Compiled(
    lambda digest, pk: _with_key(digest, _with_images(Job.objects.of_product(Product.API).filter(pk=pk))),
    digest=str,
    pk=uuid.UUID,
)


def _key_of(row: Any) -> ApiKey:
    key = ApiKey(**{name: getattr(row, f"key_{name}") for name in _KEY}, user_id=row.user_id)
    key.owner_is_active = row.key_owner_is_active
    return key


def _gather(rows: Iterable[Any]) -> list[Diffusion]:
    found: dict[uuid.UUID, Diffusion] = {}
    for row in sorted(rows, key=lambda row: (row.pk, row.image_index or 0)):
        one = found.setdefault(row.pk, Diffusion(row, [], queue_line.place_of(row)))
        if row.image_id is not None:
            facts = {name: getattr(row, f"image_{name}") for name in _SHOWN}
            image = Image(user_id=row.user_id, job=one.job, **facts)
            one.images.append(image)
            if row.clip_mp4 is not None:
                image.clip = Clip(image=image, **{name: getattr(row, f"clip_{name}") for name in _CLIP})
    return list(found.values())
