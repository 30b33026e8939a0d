"""Who wants to be told of what, and how. Mails about money, log-ins and pictures that will go are no choice: they come.

Browser and sound are the page's own business, which asks for `chosen`; mails ask `wants`, or take the `choosers`.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Channel, Happening, NotificationChoice, User

Pair = tuple[Happening, Channel]

_OF_WORK = (Happening.RUN_DONE, Happening.RUN_FAILED, Happening.TRAINING_DONE, Happening.TRAINING_FAILED)
_OF_CREDITS = (Happening.LOW_CREDITS, Happening.NEXT_GRANT)
# Reports are answered while nobody looks: that is told by mail alone.
PAIRS: tuple[Pair, ...] = (
    *((happening, channel) for happening in (*_OF_WORK, *_OF_CREDITS) for channel in Channel),
    (Happening.REPORT_ANSWERED, Channel.EMAIL),
)
DEFAULTS: frozenset[Pair] = frozenset(
    (happening, Channel.EMAIL)
    for happening in (
        Happening.TRAINING_DONE,
        Happening.TRAINING_FAILED,
        Happening.LOW_CREDITS,
        Happening.REPORT_ANSWERED,
    )
)


def name_of(pair: Pair) -> str:
    """Return how forms and the page's script call a choice: `run_done.sound`."""
    happening, channel = pair
    return f"{happening}.{channel}"


def chosen(user: User) -> set[Pair]:
    """Return what the person wants."""
    pairs = set(DEFAULTS)
    for row in NotificationChoice.objects.filter(user=user):
        pair = (Happening(row.happening), Channel(row.channel))
        (pairs.add if row.is_on else pairs.discard)(pair)
    return pairs & set(PAIRS)


def wants(user: User, happening: Happening, channel: Channel) -> bool:
    """Whether the person wants to be told of this in this way."""
    return (happening, channel) in chosen(user)


def choose(user: User, wanted: Iterable[Pair]) -> None:
    """Keep what the person wants from now on; what happened before is not told."""
    pairs = set(wanted)
    now = timezone.now()
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two forms at once
        for pair in (pairs ^ chosen(user)) & set(PAIRS):
            happening, channel = pair
            facts = {"is_on": pair in pairs, "told_until": now}
            NotificationChoice.objects.update_or_create(user=user, happening=happening, channel=channel, defaults=facts)


def unwilling(happening: Happening, channel: Channel) -> QuerySet[NotificationChoice]:
    """Return the choices of those who said no to what everybody else is told."""
    return NotificationChoice.objects.filter(happening=happening, channel=channel, is_on=False)


def choosers(happening: Happening, channel: Channel) -> QuerySet[NotificationChoice]:
    """Return the choices of those who asked to be told and may come in, with their people."""
    rows = NotificationChoice.objects.filter(happening=happening, channel=channel, is_on=True, user__is_active=True)
    return rows.select_related("user").order_by("pk")


def claim(choice: NotificationChoice, until: datetime) -> bool:
    """Take what came up to a moment for told: of two sweeps, one may tell it."""
    mine = NotificationChoice.objects.filter(pk=choice.pk, told_until=choice.told_until)
    return bool(mine.update(told_until=until))


def give_back(choice: NotificationChoice, until: datetime) -> None:
    """Undo a claim whose mail did not go out: the next sweep tells it."""
    NotificationChoice.objects.filter(pk=choice.pk, told_until=until).update(told_until=choice.told_until)
