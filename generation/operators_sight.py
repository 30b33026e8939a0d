"""What operators see of people's pictures and prompts: what was reported, refused or is shown to others.

All else is its owner's alone until the operator has said why: that begins a visit, which the owner reads of
(`accounts.support_visits`), and shows everything of theirs in the admin while it lasts.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import support_visits
from accounts.models import User
from generation.models import Image, Job, ModerationCase, Publication

_HIDDEN = "…"
# Of a run's settings those texts that nobody wrote.
_PLAIN = frozenset({"model", "scheduler", "control", "drawn_task", "image", "end_image", "mask", "strokes", "sha256"})


def told(images: QuerySet[Image], staff: User) -> QuerySet[Image]:
    """Let pictures say whether an operator may see them: `is_open`."""
    cases = ModerationCase.objects.filter(image=OuterRef("pk"))
    shown = Publication.objects.open().filter(image=OuterRef("pk"))
    visits = support_visits.going_on(staff).filter(user=OuterRef("user"))
    return images.annotate(is_open=Q(user=staff) | Exists(cases) | Exists(shown) | Exists(visits))


def is_open(image: Image) -> bool:
    """Whether the operator who reads may see a picture; one that does not come from `told` is hidden."""
    return bool(getattr(image, "is_open", False))


def sees_all_of(staff: User, person: User) -> bool:
    """Whether an operator sees everything of a person: their own, or while a visit goes on."""
    return staff.pk == person.pk or support_visits.going_on(staff).filter(user=person).exists()


def sees_words_of(staff: User, job: Job) -> bool:
    """Whether an operator may read what a run was asked for."""
    shown = Publication.objects.open().filter(image__job=job, shows_recipe=True)
    cases = (ModerationCase.objects.filter(job=job), ModerationCase.objects.filter(image__job=job))
    return sees_all_of(staff, job.user) or shown.exists() or any(found.exists() for found in cases)


def without_words(value: Any, name: str = "") -> Any:
    """Return settings of a run with every text hidden that somebody may have written."""
    if isinstance(value, dict):
        return {key: without_words(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [without_words(one, name) for one in value]
    return _HIDDEN if isinstance(value, str) and value and name not in _PLAIN else value
