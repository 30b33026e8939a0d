"""Brings pictures back from the trash: what went because its time was over gets a time of its own, once."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from generation import retention
from generation.models import Image
from generation.models.image import ImageQuerySet


@dataclass(frozen=True)
class Restored:
    """How many pictures came back, and when the first of them goes; None while the plan keeps them."""

    count: int
    until: datetime | None


def bring_back(user: User, found: ImageQuerySet) -> Restored:
    """Bring back those of somebody's pictures in the trash that are in `found`."""
    now = timezone.now()
    with transaction.atomic():
        pictures = Image.objects.in_trash_of(user).filter(pk__in=found.values("pk"))
        for plan in retention.limited_plans():
            over = pictures.filter(retention.over_anywhere(plan, now), restored_at__isnull=True)
            over.update(restored_at=now)
        until = retention.first_end(user, pictures)
        return Restored(pictures.update(deleted_at=None), until)
