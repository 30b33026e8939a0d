"""Reads of the API's runs: one with its pictures in one query, and keyset pages of them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from billing.models import Product
from generation.models import Image, Job
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
    "created_at",
)


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
    try:
        pk = uuid.UUID(diffusion_id)
    except ValueError:
        return None
    if str(pk) != diffusion_id.lower():
        return None
    jobs = _mine(user).filter(pk=pk)
    rows = _with_images(jobs if is_test is None else jobs.filter(is_test=is_test))
    return _gather(rows)[0] if rows else None


def page(user: User, filters: dict[str, Any], *, after: uuid.UUID | None, size: int) -> DiffusionPage:
    """Return the newest runs that fit `filters` (of Job) and are older than `after`."""
    jobs = _mine(user).filter(**filters)
    if after is not None:
        jobs = jobs.filter(pk__lt=after)
    # One more than is shown tells whether there is a next page, without counting.
    ids = list(jobs.order_by("-id").values_list("pk", flat=True)[: size + 1])
    rows = _with_images(_mine(user).filter(pk__in=ids[:size]))
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


def _with_images(jobs: JobQuerySet) -> list[Any]:
    """Join each run's visible pictures: one row a picture, one for a run without any."""
    visible = FilteredRelation("images", condition=Q(images__deleted_at__isnull=True))
    shown: dict[str, Any] = {f"image_{name}": F(f"shown__{name}") for name in _SHOWN}
    joined: QuerySet[Any] = jobs.with_place().annotate(shown=visible).annotate(**shown)
    return sorted(joined, key=lambda row: (row.pk, row.image_index or 0))


def _gather(rows: Iterable[Any]) -> list[Diffusion]:
    found: dict[uuid.UUID, Diffusion] = {}
    for row in rows:
        one = found.setdefault(row.pk, Diffusion(row, [], row.queue_position))
        if row.image_id is not None:
            facts = {name: getattr(row, f"image_{name}") for name in _SHOWN}
            one.images.append(Image(user_id=row.user_id, job=one.job, **facts))
    return list(found.values())
