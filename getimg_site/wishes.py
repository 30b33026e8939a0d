"""The board of wishes: who wishes what, and who wishes it too.

A voice is a row, so pressing twice, or twice at once, counts once.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from getimg_site.models import Wish, WishVote

PAGE_SIZE = 50
# How many open wishes somebody may have on the board.
OPEN_MAX = 10


class TooManyWishes(Exception):
    """Somebody has as many open wishes as they may."""


def listed(state: str = "") -> QuerySet[Wish]:
    """Return the wishes that are shown, the most wished first; of one state, or those that are still to come."""
    states = [state] if state in {Wish.State.DONE, Wish.State.DECLINED} else [Wish.State.OPEN, Wish.State.PLANNED]
    return Wish.objects.filter(state__in=states).order_by("-votes_count", "-id")[:PAGE_SIZE]


@transaction.atomic
def add(user: User, title: str, text: str) -> Wish:
    """Put a wish on the board with its author's own voice. Raises: TooManyWishes."""
    User.objects.select_for_update().get(pk=user.pk)
    if Wish.objects.filter(author=user, state=Wish.State.OPEN).count() >= OPEN_MAX:
        raise TooManyWishes
    wish = Wish.objects.create(author=user, title=title, text=text)
    vote(user, wish)
    return wish


@transaction.atomic
def vote(user: User, wish: Wish) -> None:
    """Count a voice; a second one of the same person changes nothing."""
    WishVote.objects.bulk_create([WishVote(wish=wish, user=user)], ignore_conflicts=True)
    _recount(wish)


@transaction.atomic
def withdraw(user: User, wish: Wish) -> None:
    """Take a voice back."""
    WishVote.objects.filter(wish=wish, user=user).delete()
    _recount(wish)


def voted(user: User, wishes: Iterable[Wish]) -> set[int]:
    """Return which of the wishes somebody has a voice for."""
    return set(WishVote.objects.filter(user=user, wish__in=list(wishes)).values_list("wish_id", flat=True))


def _recount(wish: Wish) -> None:
    """Count behind the wish's lock, so that two at once both count."""
    Wish.objects.select_for_update().get(pk=wish.pk)
    Wish.objects.filter(pk=wish.pk).update(votes_count=WishVote.objects.filter(wish=wish).count())
