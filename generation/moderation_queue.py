"""The queue of moderation: appeals, what an operator decides, and what follows from it.

Refusals are `moderation`'s. Every decision has a reason, is told to whom it concerns, and may be appealed once.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts import letters
from accounts.models import User
from generation import moderation, search_index, showcase, storage, withheld
from generation.errors import FieldError, InvalidParams
from generation.image_check import Sight
from generation.models import Image, ModerationCase, Publication, Report
from generation.models.moderation_case import APPEAL_MAX_LENGTH, REASON_MAX_LENGTH

logger = logging.getLogger(__name__)

Kind, Action, Decision = ModerationCase.Kind, ModerationCase.Action, ModerationCase.Decision
_APPEAL_MIN_LENGTH = 10
# In `withheld` of a prompt's case: the places of the pictures that were taken down, by their ids.
_PLACES = "places"


def appeal(case: ModerationCase, text: str) -> None:
    """Put a case before an operator, with its owner's words; once. Raises: InvalidParams."""
    words = " ".join(text.replace("\x00", " ").split())
    if len(words) < _APPEAL_MIN_LENGTH:
        raise InvalidParams([FieldError("appeal", gettext("Say in a sentence why this should be allowed."))])
    if len(words) > APPEAL_MAX_LENGTH:
        message = gettext("Your words have %(length)s characters; %(most)s are the most.") % {
            "length": f"{len(words):,}",
            "most": f"{APPEAL_MAX_LENGTH:,}",
        }
        raise InvalidParams([FieldError("appeal", message)])
    now = timezone.now()
    # Pressed twice at once, it is one appeal.
    mine = ModerationCase.objects.filter(pk=case.pk, appealed_at__isnull=True).exclude(decision=Decision.PASSED)
    if not case.can_be_appealed or not mine.update(appeal=words, appealed_at=now, last_at=now, is_waiting=True):
        raise InvalidParams([FieldError("appeal", gettext("This was appealed, or allowed, before."))])
    logger.info("appeal", extra={"case": case.pk})


def decide(case: ModerationCase, operator: User, *, allows: bool, reason: str) -> None:
    """Allow what a case is about, or not; its owner is told. Raises: InvalidParams without a reason."""
    words = " ".join(reason.split())
    if not words or len(words) > REASON_MAX_LENGTH:
        raise InvalidParams(
            [
                FieldError(
                    "reason",
                    gettext("Write a reason of 1 to %(most)s characters.") % {"most": f"{REASON_MAX_LENGTH:,}"},
                )
            ]
        )
    with transaction.atomic():
        locked = ModerationCase.objects.select_for_update(of=("self",)).select_related("user", "image").get(pk=case.pk)
        was_public = locked.action == Action.BLOCKED or locked.decision != Decision.NONE
        _follow(locked, allows=allows)
        locked.decision = Decision.PASSED if allows else Decision.UPHELD
        locked.reason, locked.decided_by, locked.decided_at = words, operator, timezone.now()
        locked.is_waiting = False
        locked.save(update_fields=["decision", "reason", "decided_by", "decided_at", "is_waiting", "withheld", "image"])
    # Whoever was never told that somebody looked need not hear that all is well.
    if (was_public or not allows) and locked.user.is_active:
        tell(locked)
    logger.info("case decided", extra={"case": case.pk, "decision": locked.decision})


def tell(case: ModerationCase) -> bool:
    """Write to the owner what was decided and why; returns whether the mail went out."""
    facts: dict[str, Any] = {"user": case.user, "case": case, "link": moderation.link_of(case)}
    facts |= {"category": moderation.category_name(case.category), "is_allowed": case.decision == Decision.PASSED}
    return letters.send(case.user.email, "generation/email/moderation_decided", **facts)


def took_down(image: Image) -> ModerationCase | None:
    """Return the newest decision for which a picture is shown to nobody; None where there is none on record."""
    return _took_down(image).order_by("-decided_at").first()


def forget_old(now: datetime | None = None, limit: int = 1000) -> int:
    """Remove the files of pictures that were held back and are not to be released; returns how many.

    They stay while an appeal waits, and for MODERATION_KEEP_DAYS after the refusal or the decision. The words of
    refused prompts go after the same time where nothing was decided about them.
    """
    before = (now or timezone.now()) - timedelta(days=settings.MODERATION_KEEP_DAYS)
    over = ModerationCase.objects.filter(last_at__lt=before).exclude(appealed_at__isnull=False, is_waiting=True)
    held = [case for case in over.filter(kind=Kind.RESULT).exclude(withheld={})[:limit] if _is_over(case, before)]
    for case in held:
        # Files first: their names are known to the row alone.
        storage.delete(*withheld.files_of(case.withheld))
        ModerationCase.objects.filter(pk=case.pk).update(withheld={}, is_waiting=False)
    over.filter(kind__in=[Kind.PROMPT, Kind.TEXT], decision=Decision.NONE, is_waiting=False).delete()
    return len(held)


def forget_person(user: User) -> None:
    """Remove the files of somebody's pictures that were held back, the cases, and what they wrote about others'
    pictures: that somebody reported stays. Safe to do twice.
    """
    Report.objects.filter(reporter=user).update(words="")
    cases = ModerationCase.objects.filter(user=user)
    for case in cases.exclude(withheld={}):
        storage.delete(*withheld.files_of(case.withheld))
    cases.delete()


def hold_back(image: Image, sight: Sight) -> None:
    """Keep a picture that was made out of reach until an operator has looked at it; it has no row, and no price.

    A run that is tried again draws the same once more: the first one stays.
    """
    digest = hashlib.sha256(f"{image.job_id}:{image.index}".encode()).hexdigest()
    facts = {"action": Action.BLOCKED, "category": sight.category, "score": sight.score, "is_waiting": True}
    facts |= {"found": moderation.category_name(sight.category), "text": image.prompt, "place": "picture"}
    case, _ = ModerationCase.objects.get_or_create(
        user=image.user,
        kind=Kind.RESULT,
        digest=digest,
        defaults={**facts, "job": image.job, "withheld": withheld.facts_of(image)},
    )
    # It may be this very picture's, by a try whose answer was lost.
    if case.withheld.get("id") != str(image.pk):
        storage.delete(*withheld.files_of(withheld.facts_of(image)))
    logger.info("picture held back", extra={"job": image.job_id, "category": sight.category})


# --- private, in the order of their callers --------------------------------------------------------


def _follow(case: ModerationCase, *, allows: bool) -> None:
    """Do what a decision means; of words and pictures that are brought the row alone says it."""
    if case.kind == Kind.RESULT and allows:
        _release(case)
    elif case.kind == Kind.PUBLICATION and case.image:
        if allows:
            _restore(case, case.image, str(case.withheld.get("place", "")))
        else:
            place = showcase.take_down_image(case.image)
            case.withheld = case.withheld or {"place": str(place) if place else ""}
    elif case.kind == Kind.PROMPT and case.action == Action.FLAGGED:
        if allows:
            _restore_all(case)
        elif case.job_id:
            _take_down_all(case)


def _release(case: ModerationCase) -> None:
    """Put a picture that was held back into its owner's library; it costs nothing."""
    facts, job = dict(case.withheld), case.job
    if not facts or job is None:
        return  # its files are gone, or its run is
    image, clip = withheld.image_of(facts, job)
    try:
        with transaction.atomic():
            image.save(force_insert=True)
            if clip is not None:
                clip.save(force_insert=True)
            search_index.add([image])
    except IntegrityError:
        return  # it is there: released by somebody else a moment ago
    case.image, case.withheld = image, {}


def _take_down_all(case: ModerationCase) -> None:
    """Take down what a run shows; the case knows of each picture which place it had."""
    shown = Image.objects.filter(job=case.job_id, publication__taken_down_at__isnull=True, publication__isnull=False)
    places = {str(image.pk): str(showcase.take_down_image(image) or "") for image in shown.select_related("user")}
    if places:
        case.withheld = {_PLACES: {**case.withheld.get(_PLACES, {}), **places}}


def _restore_all(case: ModerationCase) -> None:
    places = case.withheld.get(_PLACES, {})
    for image in Image.objects.filter(pk__in=places):
        _restore(case, image, places[str(image.pk)])


def _restore(case: ModerationCase, image: Image, place: str) -> None:
    """Show a picture again, unless another decision keeps it down."""
    if _took_down(image).exclude(pk=case.pk).exists():
        return
    shown = Publication.objects.filter(image=image, taken_down_at__isnull=False)
    shown.update(taken_down_at=None, place=UUID(place) if place else None)
    showcase.reopen_news(image)
    showcase.close(image.reports.all(), Report.Outcome.LEFT)


def _took_down(image: Image) -> QuerySet[ModerationCase]:
    reported = Q(kind=Kind.PUBLICATION, image=image)
    drawn = Q(kind=Kind.PROMPT, user=image.user_id, **{f"withheld__{_PLACES}__has_key": str(image.pk)})
    return ModerationCase.objects.filter(reported | drawn, decision=Decision.UPHELD)


def _is_over(case: ModerationCase, before: datetime) -> bool:
    return case.decided_at is None or case.decided_at < before
