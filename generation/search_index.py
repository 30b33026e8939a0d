"""Keeps the words that pictures are found by in step with them; called in the transaction of what changes them."""

import uuid
from collections.abc import Sequence

from generation.models import Image, SearchText
from generation.models.search_text import words_for

_CHUNK = 500


def add(images: Sequence[Image]) -> None:
    """Make new pictures findable. Their runs are at hand."""
    SearchText.objects.bulk_create(rows_of(images))


def rows_of(images: Sequence[Image]) -> list[SearchText]:
    """Return what new pictures are found by, unsaved, for whoever writes it with them. Their runs are at hand."""
    return [SearchText(image=image, user_id=image.user_id, words=words_for(image)) for image in images]


def rewrite(pks: Sequence[uuid.UUID]) -> None:
    """Write the words of pictures anew whose tags or descriptions have changed, so many at a time."""
    for start in range(0, len(pks), _CHUNK):
        chunk = Image.objects.filter(pk__in=pks[start : start + _CHUNK]).select_related("job").prefetch_related("tags")
        rows = [
            SearchText(
                image=image, user_id=image.user_id, words=words_for(image, [tag.name for tag in image.tags.all()])
            )
            for image in chunk
        ]
        SearchText.objects.bulk_create(rows, update_conflicts=True, unique_fields=["image"], update_fields=["words"])
