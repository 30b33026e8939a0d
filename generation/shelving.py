"""What its owner does with pictures, many at a time: into a folder, favourites, stars, tags, the trash and back.

Every verb takes pictures that are its owner's already (`chosen`), and says how many it touched.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from generation import moderation, restoring, search_index
from generation.errors import FieldError, InvalidParams
from generation.library_filters import LibraryFilter
from generation.models import Folder, Image, Publication, Tag
from generation.models.image import RATING_MAX, ImageQuerySet
from generation.models.tag import TAG_MAX_LENGTH, tag_name
from generation.restoring import Restored

# Of one request that names them; everything that was found has no bound.
CHOSEN_MAX = 2000
TAGS_MAX = 30
_CHUNK = 500


def chosen(user: User, ids: Sequence[str], everything: LibraryFilter | None = None) -> ImageQuerySet:
    """Return the pictures that are meant: those named, or all that were found. Raises: InvalidParams."""
    images = Image.objects.visible_to(user)
    if everything is not None:
        return Image.objects.filter(pk__in=everything.apply(images).values("pk"))
    return images.filter(pk__in=ids_of(ids))


def ids_of(texts: Sequence[str]) -> list[uuid.UUID]:
    """Return the pictures' ids that a form names. Raises: InvalidParams."""
    if not texts:
        raise _refused("picture", gettext("Select at least one picture."))
    if len(texts) > CHOSEN_MAX:
        raise _refused(
            "picture",
            gettext("%(count)s pictures are selected; %(chosen_max)s at a time are the most.")
            % {"count": f"{len(texts):,}", "chosen_max": f"{CHOSEN_MAX:,}"},
        )
    try:
        return [uuid.UUID(text) for text in texts]
    except ValueError:
        raise _refused("picture", gettext("One of the selected pictures has no id. Load the page again.")) from None


def move(images: ImageQuerySet, folder: Folder | None) -> int:
    """Put pictures into a folder, or into none. Raises: InvalidParams for a folder that a search fills."""
    if folder and folder.is_smart:
        raise _refused(
            "folder", gettext("“%(name)s” is a saved search: what fits it is in it by itself.") % {"name": folder.name}
        )
    return images.update(folder=folder)


def favour(images: ImageQuerySet, *, is_favourite: bool) -> int:
    """Make pictures favourites, or no longer."""
    return images.update(is_favourite=is_favourite)


def rate(images: ImageQuerySet, stars: str) -> int:
    """Give pictures stars; 0 takes them away. Raises: InvalidParams."""
    if stars not in {str(number) for number in range(RATING_MAX + 1)}:
        raise _refused(
            "rating",
            gettext("“%(value)s” is not a valid rating; choose 0 to %(rating_max)s stars.")
            % {"value": stars[:40], "rating_max": RATING_MAX},
        )
    return images.update(rating=int(stars))


def tag(user: User, images: ImageQuerySet, text: str) -> int:
    """Put tags on pictures, which are found by them from then on. Raises: InvalidParams."""
    names = names_of(text)
    if Publication.objects.filter(image__in=images.values("pk")).exists():
        moderation.check_shown(user, "tags", *names)
    others = Count("tags", filter=~Q(tags__name__in=names))
    crowded = images.annotate(count=others).filter(count__gt=TAGS_MAX - len(names))
    if crowded.exists():
        raise _refused(
            "tags",
            gettext("A picture can have %(tags_max)s tags, and one of these has nearly as many.")
            % {"tags_max": TAGS_MAX},
        )
    Tag.objects.bulk_create([Tag(user=user, name=name) for name in names], ignore_conflicts=True)
    tags = list(Tag.objects.visible_to(user).filter(name__in=names))
    through = Image.tags.through
    count = 0
    for pks in _in_chunks(images):
        with transaction.atomic():
            rows = [through(image_id=pk, tag_id=one.pk) for pk in pks for one in tags]
            through._default_manager.bulk_create(rows, ignore_conflicts=True)
            search_index.rewrite(pks)
        count += len(pks)
    return count


def untag(user: User, images: ImageQuerySet, text: str) -> int:
    """Take tags off pictures; a tag that nothing carries any more is gone. Raises: InvalidParams."""
    tags = list(Tag.objects.visible_to(user).filter(name__in=names_of(text)))
    count = 0
    for pks in _in_chunks(images):
        with transaction.atomic():
            Image.tags.through._default_manager.filter(image__in=pks, tag__in=tags).delete()
            search_index.rewrite(pks)
        count += len(pks)
    Tag.objects.filter(pk__in=[one.pk for one in tags], images__isnull=True).delete()
    return count


def names_of(text: str) -> list[str]:
    """Return the tags that somebody typed, divided by commas. Raises: InvalidParams."""
    parts = map(tag_name, text.split(","))
    names = list(dict.fromkeys(name for name in parts if name))
    if not names:
        raise _refused("tags", gettext("Write at least one tag; commas divide several."))
    if long := next((name for name in names if len(name) > TAG_MAX_LENGTH), None):
        raise _refused(
            "tags",
            gettext("“%(value)s…” has %(count)s characters; a tag has %(tag_max_length)s at most.")
            % {"value": long[:20], "count": len(long), "tag_max_length": TAG_MAX_LENGTH},
        )
    if len(names) > TAGS_MAX:
        raise _refused(
            "tags",
            gettext("These are %(count)s tags; a picture can have %(tags_max)s.")
            % {"count": len(names), "tags_max": TAGS_MAX},
        )
    return names


def describe(image: Image, text: str) -> None:
    """Say what a picture shows, for people who cannot see it; empty: its prompt says so. Raises: InvalidParams."""
    words = " ".join(text.replace("\x00", " ").split())
    bound = Image._meta.get_field("alt_text").max_length or 0
    if len(words) > bound:
        raise _refused(
            "alt_text",
            gettext("The description has %(count)s characters; %(bound)s are the most.")
            % {"count": f"{len(words):,}", "bound": f"{bound:,}"},
        )
    if Publication.objects.filter(image=image).exists():
        moderation.check_shown(image.user, "alt_text", words)
    with transaction.atomic():
        Image.objects.filter(pk=image.pk).update(alt_text=words)
        search_index.rewrite([image.pk])


def delete(images: ImageQuerySet) -> tuple[int, datetime]:
    """Put pictures into the trash; returns how many, and the moment by which they can be brought back together."""
    now = timezone.now()
    return images.filter(deleted_at__isnull=True).update(deleted_at=now), now


def restore(user: User, ids: Sequence[str] = (), *, deleted_at: datetime | None = None) -> Restored:
    """Bring back pictures from the trash: those named, or those that went together. Raises: InvalidParams."""
    trash = Image.objects.in_trash_of(user)
    found = trash.filter(deleted_at=deleted_at) if deleted_at else trash.filter(pk__in=ids_of(ids))
    return restoring.bring_back(user, found)


def restore_all(user: User) -> Restored:
    """Bring back everything that is in the trash and can still be brought back."""
    return restoring.bring_back(user, Image.objects.in_trash_of(user))


def _in_chunks(images: ImageQuerySet) -> Iterable[list[uuid.UUID]]:
    """Give so many ids at a time; what is deleted meanwhile is left out by the database."""
    pks = list(images.order_by("pk").values_list("pk", flat=True))
    return (pks[start : start + _CHUNK] for start in range(0, len(pks), _CHUNK))


def _refused(field: str, message: str) -> InvalidParams:
    return InvalidParams([FieldError(field, message)])
