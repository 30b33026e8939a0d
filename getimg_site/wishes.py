"""The board of wishes: who wishes what, and who wishes it too.

A voice is a row, so pressing twice, or twice at once, counts once.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from getimg_site.models import Wish, WishVote

PAGE_SIZE = 50
# How many open wishes somebody may have on the board.
OPEN_MAX = 10
NEWEST = "new"
WORDS_MAX = 100
_ENDS = (str(Wish.State.DONE), str(Wish.State.DECLINED))
# What the database can hold as a number.
_NUMBER = re.compile(r"[0-9]{1,18}")
_CURSOR = re.compile(r"[0-9]{1,9}-[0-9]{1,18}")


class TooManyWishes(Exception):
    """Somebody has as many open wishes as they may."""


@dataclass(frozen=True)
class Search:
    """What is looked for: wishes of a state, in an order, with words, after the last one of the page before."""

    state: str = ""
    order: str = ""
    words: str = ""
    after: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> "Search":
        """Read an address; what means nothing there counts as not said."""
        return cls(
            state=_one_of(_ENDS, values.get("state", "")),
            order=_one_of((NEWEST,), values.get("order", "")),
            words=" ".join(values.get("q", "").replace("\x00", " ").split())[:WORDS_MAX],
            after=values.get("after", "") if _CURSOR.fullmatch(values.get("after", "")) else "",
        )

    @property
    def said(self) -> dict[str, str]:
        """What of it an address has to say."""
        values = {"state": self.state, "order": self.order, "q": self.words, "after": self.after}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Page:
    """Some wishes, and after which one the next page begins (empty: this was the last)."""

    wishes: list[Wish]
    next_after: str


def listed(search: Search) -> Page:
    """Return a page of what is shown: of one state, or of those that are still to come."""
    found = _in_order(_matching(search), search)
    wishes = list(found[: PAGE_SIZE + 1])
    last = wishes[PAGE_SIZE - 1] if len(wishes) > PAGE_SIZE else None
    return Page(wishes[:PAGE_SIZE], f"{last.votes_count}-{last.pk}" if last else "")


def shown(wish_id: str | int) -> Wish | None:
    """Return a wish by its number, unless it is hidden."""
    if not _NUMBER.fullmatch(str(wish_id)):
        return None
    return Wish.objects.exclude(state=Wish.State.HIDDEN).filter(pk=wish_id).first()


def tab_of(wish: Wish) -> str:
    """Return the state under which the board lists a wish."""
    return _one_of(_ENDS, wish.state)


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


def _matching(search: Search) -> QuerySet[Wish]:
    states = [search.state] if search.state else [Wish.State.OPEN, Wish.State.PLANNED]
    found = Wish.objects.filter(state__in=states)
    for word in search.words.split():
        found = found.filter(Q(title__icontains=word) | Q(text__icontains=word))
    return found


def _in_order(found: QuerySet[Wish], search: Search) -> QuerySet[Wish]:
    votes, _, last = search.after.partition("-")
    if search.order == NEWEST:
        return (found.filter(pk__lt=int(last)) if last else found).order_by("-id")
    if last:
        found = found.filter(Q(votes_count__lt=int(votes)) | Q(votes_count=int(votes), pk__lt=int(last)))
    return found.order_by("-votes_count", "-id")


def _one_of(known: tuple[str, ...], value: str) -> str:
    return value if value in known else ""
