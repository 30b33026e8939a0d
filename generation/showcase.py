"""Showing pictures to others: by a link, in the showcase; likes and reports. Private is what nobody touches."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.ids import first_id, uuid7
from accounts.models import User
from generation import moderation
from generation.errors import FieldError, InvalidParams
from generation.models import Image, Like, ModerationCase, Publication, Report, Tag
from generation.models.publication import REPORT_WORDS_MAX_LENGTH, has_showcase
from generation.params import TextToImageParams

PAGE_SIZE = 40
TAGS_MAX = 300


@dataclass(frozen=True)
class ShowcasePage:
    """Some publications, and where the next page begins (None: this was the last)."""

    shown: list[Publication]
    next_before: uuid.UUID | None


def page(*, before: uuid.UUID | None = None, tag: str = "", author: User | None = None) -> ShowcasePage:
    """Return the newest of the showcase; of one tag, of one author."""
    found = Publication.objects.listed().select_related("image__job", "image__clip", "user").order_by("-place")
    if before is not None:
        found = found.filter(place__lt=before)
    if author is not None:
        found = found.filter(user=author)
    if tag:
        found = found.filter(image__tags__name=tag.casefold())
    shown = list(found[: PAGE_SIZE + 1])
    return ShowcasePage(shown[:PAGE_SIZE], shown[PAGE_SIZE - 1].place if len(shown) > PAGE_SIZE else None)


def tags() -> list[tuple[str, int]]:
    """Return the tags that stand on most pictures of the showcase, and on how many."""
    shown = Publication.objects.listed().values("image")
    found = Tag.objects.filter(images__in=shown).values("name").annotate(count=Count("images"))
    return list(found.order_by("-count", "name").values_list("name", "count")[:TAGS_MAX])


def days(most: int) -> list[date]:
    """Return the days (UTC) on which something came into the showcase that is still there, the newest first.

    It goes from one to the next below it in the index: as many short queries as there are days, however many pictures.
    """
    found: list[date] = []
    listed = Publication.objects.listed().order_by("-place").values_list("place", flat=True)
    newest = listed.first()
    while newest is not None and len(found) < most:
        found.append(datetime.fromtimestamp((newest.int >> 80) / 1000, UTC).date())
        newest = listed.filter(place__lt=first_id(_midnight(found[-1]))).first()
    return found


def of_day(day: date, most: int) -> list[tuple[str, uuid.UUID]]:
    """Return what came into the showcase on a day (UTC) and is still there, the newest first: tokens and authors."""
    begin, end = _midnight(day), _midnight(day) + timedelta(days=1)
    found = Publication.objects.listed().filter(place__gte=first_id(begin), place__lt=first_id(end))
    return list(found.order_by("-place").values_list("token", "user")[:most])


def publish(image: Image, *, is_listed: bool, shows_recipe: bool) -> Publication:
    """Show a picture by a link, in the showcase too if that is wanted. Raises: InvalidParams.

    What was taken down stays so; a picture that is shown already keeps its link and its place.
    """
    if is_listed and not has_showcase():
        raise InvalidParams(
            [FieldError("showcase", gettext("This site has no showcase. The link alone can be shared."))]
        )
    _check_words(image, is_listed=is_listed, shows_recipe=shows_recipe)
    with transaction.atomic():
        shown, _ = Publication.objects.select_for_update().get_or_create(image=image, defaults={"user": image.user})
        shown.place = (shown.place or uuid7()) if is_listed else None
        shown.shows_recipe = shows_recipe
        shown.save(update_fields=["place", "shows_recipe"])
    return shown


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _check_words(image: Image, *, is_listed: bool, shows_recipe: bool) -> None:
    """Refuse to show words to others that the policy does not allow. Raises: ContentRefused."""
    tags = image.tags.values_list("name", flat=True) if is_listed else ()
    texts = (image.alt_text, *tags, *([image.user.display_name] if is_listed else []))
    moderation.check_shown(image.user, "showcase", *texts, *([image.prompt] if shows_recipe else []))


def withdraw(image: Image) -> None:
    """Show a picture no more. One that was taken down stays on record, so that it cannot come back by a new link."""
    Publication.objects.filter(image=image, taken_down_at__isnull=True).delete()


def can_be_remixed(shown: Publication) -> bool:
    """Whether others may go on from it: edits and videos began from pictures, which are their owner's alone."""
    return shown.shows_recipe and shown.image.job.task == TextToImageParams.task


def like(shown: Publication, user: User, *, likes: bool) -> int:
    """Let somebody like a picture, or no longer; said twice it counts once. Returns how many do."""
    with transaction.atomic():
        # Its row is locked first, so that two who press at once are counted one after the other.
        Publication.objects.select_for_update().get(pk=shown.pk)
        if likes:
            change = int(Like.objects.get_or_create(publication=shown, user=user)[1])
        else:
            change = -Like.objects.filter(publication=shown, user=user).delete()[0]
        if change:
            Publication.objects.filter(pk=shown.pk).update(likes_count=F("likes_count") + change)
    shown.refresh_from_db(fields=["likes_count"])
    return shown.likes_count


def liked_by(user: User) -> QuerySet[Like]:
    """Return somebody's likes, each with what it is of."""
    return Like.objects.filter(user=user).select_related("publication")


def report(
    shown: Publication, reporter: User | None, values: Mapping[str, str], *, network: str = "", device: str = ""
) -> bool:
    """Write down that somebody objects; returns whether it is new. Raises: InvalidParams.

    Said again while nobody has looked it changes nothing: by the same person, or, of who is not signed in, from the
    same network or browser (hashes of `accounts.places`; empty: not known).
    """
    reason = values.get("reason", "")
    if reason not in Report.Reason.values:
        raise InvalidParams([FieldError("reason", gettext("Choose what is wrong with the picture."))])
    words = " ".join(values.get("words", "").replace("\x00", " ").split())
    if len(words) > REPORT_WORDS_MAX_LENGTH:
        message = gettext("Your words have %(length)s characters; %(most)s are the most.") % {
            "length": f"{len(words):,}",
            "most": f"{REPORT_WORDS_MAX_LENGTH:,}",
        }
        raise InvalidParams([FieldError("words", message)])
    place = {} if reporter else {"network": network, "device": device}
    try:
        with transaction.atomic():
            Report.objects.create(image_id=shown.image_id, reporter=reporter, reason=reason, words=words, **place)
            _open_case(shown, reason)
    except IntegrityError:
        return False
    return True


def take_down_image(image: Image) -> uuid.UUID | None:
    """Show a picture to nobody but its owner, and close every report of it; returns the place that it had.

    Also where its owner made it private meanwhile: no new link of it shall lead anywhere.
    """
    now = timezone.now()
    with transaction.atomic():
        shown = Publication.objects.select_for_update().filter(image=image).first()
        place = shown.place if shown else None
        Publication.objects.update_or_create(
            image=image,
            defaults={"taken_down_at": now, "place": None},
            create_defaults={"user": image.user, "taken_down_at": now},
        )
        close(image.reports.all(), Report.Outcome.TAKEN_DOWN)
    return place


def close(reports: QuerySet[Report], outcome: Report.Outcome) -> int:
    """Close the reports that are open, with what came of them; returns how many. Where they came from is forgotten."""
    facts = {"closed_at": timezone.now(), "outcome": outcome, "network": "", "device": ""}
    return reports.filter(closed_at__isnull=True).update(**facts)


def reopen_news(image: Image) -> int:
    """Let those be told who heard that a picture was taken down, and it is shown again; returns how many."""
    taken_down = image.reports.filter(outcome=Report.Outcome.TAKEN_DOWN)
    return taken_down.update(outcome=Report.Outcome.RESTORED, closed_at=timezone.now(), told_at=None)


def _open_case(shown: Publication, reason: str) -> None:
    """Put a reported picture into the queue; one that is there already stays as it is."""
    facts = {"user": shown.user, "action": ModerationCase.Action.REPORTED, "category": reason}
    ModerationCase.objects.get_or_create(
        image=shown.image, kind=ModerationCase.Kind.PUBLICATION, is_waiting=True, defaults=facts
    )
