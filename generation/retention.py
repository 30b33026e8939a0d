"""How long a picture is kept: for so many days, or as long as its owner's plan lasts.

On a plan with retention days a picture is kept for so many days, but never less than so many days after the plan
began: who has just left a better plan has time to fetch what it kept. Where that plan promised longer, the promise
counts. One that is brought back from the trash after its time is kept for RESTORED_DAYS from then on, once: whoever
deletes and brings back again and again keeps it no longer. The rule stands here twice, for one picture and in SQL for
all of them; a test holds the two together.
What is made through the API is kept for API_RETENTION_DAYS, whatever the plan; then `housekeeping` removes it, from
the trash as well. What is deleted can be brought back for UNDO_DAYS, but no longer than that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, FilteredRelation, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from billing import ledger, plans
from billing.models import Plan, Product, Wallet
from generation.models import Image, Publication
from generation.models.image import ImageQuerySet

# How long a deleted picture can be brought back.
UNDO_DAYS = 30
# How long a picture that is brought back after its time is kept at least.
RESTORED_DAYS = 30
# So many days before its end a picture says how many are left, where it said a date before.
NEAR_DAYS = 14


@dataclass(frozen=True)
class Keeping:
    """How long a picture is kept, for people to read."""

    until: datetime
    # By the API's rule, not by a plan.
    is_api: bool

    @property
    def days_left(self) -> int:
        """Whole days from now; 0: it goes with the next sweep, or within a day."""
        return max(0, (self.until - timezone.now()).days)

    @property
    def is_near(self) -> bool:
        """Whether it is time to say so."""
        return self.days_left <= NEAR_DAYS


def kept_after_plans() -> list[dict[str, Any]]:
    """Return for how many days at least pictures stay when a plan that is offered has ended, by its name."""
    free = plans.free().retention_days or 0
    paid = [plan for plan in plans.offered_plans() if plan.retention_days is None]
    return [{"name": plan.name, "days": max(plan.kept_days_after, free)} for plan in paid]


def with_wallets(images: ImageQuerySet) -> ImageQuerySet:
    """Let pictures bring what `keeping_of` asks of: their owner's wallet and plan, in the same query."""
    of_site = Q(user__wallets__product=Product.SITE)
    joined = images.annotate(owners_wallet=FilteredRelation("user__wallets", condition=of_site))
    related: tuple[str, ...] = ("owners_wallet__plan",)  # no field, which the type checker would look for in a literal
    return joined.select_related(*related)


def keeping_of(image: Image) -> Keeping | None:
    """Return how long a picture from `with_wallets` is kept; None while its owner's plan keeps it. Reads its run."""
    if until := api_kept_until(image):
        return Keeping(until, is_api=True)
    # Django leaves the attribute out where there is no wallet.
    wallet: Wallet | None = getattr(image, "owners_wallet", None)
    kept = _kept_until(wallet, image.created_at, image.restored_at) if wallet else None
    return Keeping(kept, is_api=False) if kept else None


def first_end(user: User, images: ImageQuerySet) -> datetime | None:
    """Return when the first of somebody's pictures of the site goes; None while the plan keeps them all."""
    return min(ends(user, images), default=None)


def ends(user: User, images: ImageQuerySet) -> Iterator[datetime]:
    """Yield when each of somebody's pictures of the site goes; nothing while the plan keeps them all."""
    wallet = ledger.wallet_of(user)
    if wallet.plan is None or wallet.plan.retention_days is None:
        return
    made = images.filter(job__product=Product.SITE).values_list("created_at", "restored_at")
    yield from (end for row in made.iterator() if (end := _kept_until(wallet, *row)))


def api_kept_until(image: Image) -> datetime | None:
    """Return until when a picture of the API is kept; None for the site's. Reads its run."""
    if image.job.product != Product.API:
        return None
    return image.created_at + timedelta(days=settings.API_RETENTION_DAYS)


def undo_until(image: Image) -> datetime:
    """Return until when a picture in the trash can be brought back. Reads its run."""
    assert image.deleted_at is not None  # else it would not be there
    undo = image.deleted_at + timedelta(days=UNDO_DAYS)
    return min(filter(None, (undo, api_kept_until(image))))


def limited_plans() -> list[Plan]:
    """Return the plans that keep pictures for a time."""
    return list(Plan.objects.filter(retention_days__isnull=False))


def over(plan: Plan, now: datetime) -> Q:
    """Match the pictures in the libraries of a limited plan's people that are kept no longer."""
    return Q(over_anywhere(plan, now), deleted_at__isnull=True)


def over_anywhere(plan: Plan, now: datetime) -> Q:
    """Match those in the trash as well."""
    assert plan.retention_days is not None  # `limited_plans` has no other
    before = now - timedelta(days=plan.retention_days)
    is_restored_no_more = Q(restored_at__isnull=True) | Q(restored_at__lte=now - timedelta(days=RESTORED_DAYS))
    owners = _owners(plan, before, now)
    return Q(is_restored_no_more, job__product=Product.SITE, created_at__lte=before, user__in=owners)


def api_over(after: datetime, before: datetime) -> Q:
    """Match the API's pictures that go between two moments though their owner put a hand to them in the library."""
    days = timedelta(days=settings.API_RETENTION_DAYS)
    tags, shown = Image.tags.through._default_manager, Publication.objects
    is_tagged, is_shown = (Exists(rows.filter(image=OuterRef("pk"))) for rows in (tags, shown))
    is_in_hand = Q(is_favourite=True) | Q(folder__isnull=False) | Q(rating__gt=0) | ~Q(alt_text="")
    return Q(
        is_in_hand | Q(is_tagged) | Q(is_shown),
        deleted_at__isnull=True,
        job__product=Product.API,
        job__finished_at__gt=after - days,
        job__finished_at__lte=before - days,
    )


def _kept_until(wallet: Wallet, made_at: datetime, restored_at: datetime | None) -> datetime | None:
    if wallet.plan is None or wallet.plan.retention_days is None:
        return None
    days = timedelta(days=wallet.plan.retention_days)
    since = wallet.plan_since + days if wallet.plan_since else None
    restored = restored_at + timedelta(days=RESTORED_DAYS) if restored_at else None
    return max(filter(None, (made_at + days, since, wallet.pictures_kept_until, restored)))


def _owners(plan: Plan, before: datetime, now: datetime) -> Any:
    wallets = Wallet.objects.filter(
        Q(plan_since__isnull=True) | Q(plan_since__lte=before),
        Q(pictures_kept_until__isnull=True) | Q(pictures_kept_until__lte=now),
        product=Product.SITE,
        plan=plan,
    )
    return wallets.values("user")
