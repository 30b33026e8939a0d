"""Reads for the pages people browse: keyset pages (no OFFSET, no COUNT), neighbours, deletion with undo."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from accounts.models import User
from billing.models import Product
from generation import restoring, retention
from generation.library_filters import LibraryFilter
from generation.models import Image, Job
from generation.models.image import FirstOf, ImageQuerySet

PAGE_SIZE = 40
RUNS_SIZE = 8
# So many of the newest pictures are looked at one by one before the indexes of words and runs are asked.
LOOKED_THROUGH = 500


@dataclass(frozen=True)
class GalleryPage:
    """Some pictures, and where the next page begins (None: this was the last)."""

    images: list[Image]
    next_before: uuid.UUID | None


@dataclass(frozen=True)
class RunsPage:
    """Some runs with their pictures, and where the next page begins (None: this was the last)."""

    jobs: list[Job]
    next_before: uuid.UUID | None


def page(
    user: User, *, before: uuid.UUID | None = None, size: int = PAGE_SIZE, found: LibraryFilter | None = None
) -> GalleryPage:
    """Return the newest pictures older than `before`; of those that are asked for, where something is."""
    images = _older_than(Image.objects.visible_to(user), before)
    return _page(_few(images, size) if found is None else _few_of_found(images, found, size), size)


def trash(user: User, *, before: uuid.UUID | None = None, size: int = PAGE_SIZE) -> GalleryPage:
    """Return the newest deleted pictures older than `before` that can still be brought back."""
    return _page(_few(_older_than(Image.objects.in_trash_of(user), before), size), size)


def newest_run(user: User) -> uuid.UUID | None:
    """Return the id of the run that the person sent last, whatever has become of it."""
    return Job.objects.filter(user=user).order_by("-id").values_list("id", flat=True).first()


def recent_runs(
    user: User, *, before: uuid.UUID | None = None, size: int = RUNS_SIZE, task: str | None = None
) -> RunsPage:
    """Return the site's newest runs older than `before`, each with its visible pictures in order.

    `task`: those of one task alone.
    """
    jobs = Job.objects.visible_to(user).of_product(Product.SITE)
    jobs = jobs.prefetch_related(visible_images(user)).order_by("-id")
    if before is not None:
        jobs = jobs.filter(pk__lt=before)
    if task is not None:
        jobs = jobs.filter(task=task)
    found = list(jobs[: size + 1])
    return RunsPage(found[:size], found[size - 1].pk if len(found) > size else None)


def visible_images(user: User) -> Prefetch[Any]:
    """Prefetch a run's pictures in order, without deleted ones."""
    images = retention.with_wallets(Image.objects.visible_to(user)).select_related("clip")
    return Prefetch("images", queryset=images.order_by("index"))


def neighbours(image: Image, found: LibraryFilter | None = None) -> tuple[Image | None, Image | None]:
    """Return the next newer and the next older picture of the same library, or of what was found in it."""
    library = Image.objects.visible_to(image.user)
    if found:
        library = found.apply(library)
    newer = library.filter(pk__gt=image.pk).order_by("id").first()
    older = library.filter(pk__lt=image.pk).order_by("-id").first()
    return newer, older


def delete(image: Image) -> None:
    """Take a picture out of the library; its files go when undo is no longer offered (`tasks.tidy`)."""
    Image.objects.filter(pk=image.pk, deleted_at__isnull=True).update(deleted_at=timezone.now())


def restore(image: Image) -> None:
    """Undo a deletion; of a picture whose files are gone nothing comes back."""
    restoring.bring_back(image.user, Image.objects.filter(pk=image.pk))


def _older_than(images: ImageQuerySet, before: uuid.UUID | None) -> ImageQuerySet:
    return images if before is None else images.filter(pk__lt=before)


def _few(images: ImageQuerySet, size: int) -> QuerySet[Image, Any]:
    # One more than is shown tells whether there is a next page, without counting.
    return images.newest_first().values("pk")[: size + 1]


def _few_of_found(images: ImageQuerySet, found: LibraryFilter, size: int) -> QuerySet[Image, Any] | FirstOf:
    if found.errors or found.one_by_one is None:
        return _few(found.apply(images), size)
    newer, older = found.apply_in_two(images, LOOKED_THROUGH)
    return FirstOf(_few(newer, size), _few(older, size), size + 1)


def _page(few: QuerySet[Image, Any] | FirstOf, size: int) -> GalleryPage:
    # Which they are is decided by the indexes; only those few are read whole.
    whole = retention.with_wallets(Image.objects.filter(pk__in=few)).select_related("job", "clip")
    found = list(whole.newest_first())
    return GalleryPage(found[:size], found[size - 1].pk if len(found) > size else None)
