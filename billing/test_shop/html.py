"""How pages are answered: a template with its words, or the way to another address."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from billing.test_shop.store import Books

Form = dict[str, str]


@dataclass(frozen=True)
class Page:
    """A template of templates/billing/test_shop/ and what it shows."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    # Where this page's forms may end up besides here: the policy that browsers hold forms to needs to know.
    leads_to: str = ""


@dataclass(frozen=True)
class Redirect:
    """The way to another address."""

    url: str


@dataclass(frozen=True)
class File:
    """Something to keep."""

    body: bytes
    kind: str
    name: str = ""


Answer = Page | Redirect | File
Show = Callable[[Books, str, Form], Answer]


@dataclass(frozen=True)
class PageRoute:
    """A page's address with one open place: `show` answers a GET, `act` a POST of its form."""

    prefix: str
    show: Show
    act: Show | None = None
    suffix: str = ""


def money(cents: int, currency: str = "usd") -> str:
    """Return an amount as people write it: $1,234.50."""
    sign = "-" if cents < 0 else ""
    symbol = {"usd": "$", "eur": "€", "gbp": "£"}.get(currency, f"{currency.upper()} ")
    return f"{sign}{symbol}{abs(cents) / 100:,.2f}"


def day(moment: int | None) -> str:
    """Return a moment's date as people write it: 15 March 2027."""
    if moment is None:
        return ""
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at.day} {at:%B %Y}"


def gone(what: str) -> Page:
    """Return the page for something that is over or never was."""
    return Page("message.html", {"title": what, "text": "Go back to the site and try again from there."}, status=404)
