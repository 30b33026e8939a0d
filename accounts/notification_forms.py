"""The form of what a person wants to be told of: a box for each happening and way."""

from dataclasses import dataclass

from accounts.models import Channel, Happening, User
from accounts.notifications import PAIRS, Pair, chosen, name_of


@dataclass(frozen=True)
class Box:
    """One choice: its name in the form, and whether it is ticked."""

    name: str
    channel: Channel
    is_on: bool


@dataclass(frozen=True)
class Row:
    """What may happen, and the ways to tell it: None where there is no such way."""

    happening: Happening
    boxes: tuple[Box | None, ...]


def rows(user: User) -> list[Row]:
    """Return the form as the person left it."""
    on = chosen(user)
    return [Row(happening, tuple(_box((happening, way), on) for way in Channel)) for happening in Happening]


def ticked(names: list[str]) -> set[Pair]:
    """Return the choices that were sent; names that are none of ours are nobody's choice."""
    known = {name_of(pair): pair for pair in PAIRS}
    return {known[name] for name in names if name in known}


def _box(pair: Pair, on: set[Pair]) -> Box | None:
    return Box(name_of(pair), pair[1], pair in on) if pair in PAIRS else None
