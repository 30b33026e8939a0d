"""What a test tells the shop and no real one would hear: move the time, lose letters, be down, dispute a charge.

POST {root}/_control/<name> with a JSON object and the secret key; `answer` lists the names.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from billing.test_shop import clock, disputes
from billing.test_shop.documents import Document, public
from billing.test_shop.errors import ShopError, invalid
from billing.test_shop.store import Books, Store

if TYPE_CHECKING:
    from billing.test_shop.app import Shop

_DAY = 86400
_WEATHER = {"down", "delay_seconds", "limit_next", "break_next", "lose_next"}
_MODE = {"flexible", "drafts"}
_POST = {"hold", "repeat", "shuffle", "drop"}


@dataclass(frozen=True)
class Weather:
    """What the API does to the request at hand."""

    is_down: bool = False
    is_limited: bool = False
    breaks: bool = False
    loses: bool = False
    delay_seconds: float = 0

    def refuse_if_due(self) -> None:
        """Raise instead of doing anything."""
        if self.is_down:
            raise ShopError(503, "api_error", "The shop is closed for an hour.")
        if self.is_limited:
            raise ShopError(429, "invalid_request_error", "Too many requests.", code="rate_limit")
        if self.breaks:
            raise ShopError(500, "api_error", "Something broke before anything was done.")

    def lose_if_due(self) -> None:
        """Raise after all is done, as when the answer is lost on its way."""
        if self.loses:
            raise ShopError(500, "api_error", "The answer was lost.")


def weather(store: Store, method: str) -> Weather:
    """Return what happens to this request; of "the next three" it is one. Only the answer to a POST is lost."""
    with store.books() as books:
        sky: dict[str, Any] = books.fact("weather", {})
        if not sky:
            return Weather()
        counted = {}
        for name in ("limit_next", "break_next", *(("lose_next",) if method == "POST" else ())):
            counted[name] = sky.get(name, 0) > 0
            sky[name] = max(0, sky.get(name, 0) - 1)
        books.note("weather", sky)
    return Weather(
        is_down=bool(sky.get("down")),
        is_limited=counted["limit_next"],
        breaks=counted["break_next"],
        loses=counted.get("lose_next", False),
        delay_seconds=float(sky.get("delay_seconds", 0)),
    )


def answer(shop: "Shop", name: str, body: bytes) -> Document:
    """Do what a test asks for.

    weather {down, delay_seconds, limit_next, break_next, lose_next} · post {hold, repeat, shuffle, drop: 0 to 1} ·
    advance {days | seconds} · deliver {ahead_seconds} · dispute {charge, reason} · close {dispute, verdict} ·
    mode {flexible, drafts}, of the subscriptions that begin from then on, and of every renewal: a draft for an hour
    """
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        raise invalid("The body is not JSON.") from None
    if name == "deliver":
        return {"accepted": shop.courier.deliver(ahead_seconds=float(asked.get("ahead_seconds", 0)))}
    with shop.store.books() as books:
        books.base_url = shop.base_url
        return public(_act(books, name, asked))  # type: ignore[no-any-return]


def _act(books: Books, name: str, asked: dict[str, Any]) -> Document:
    match name:
        case "weather":
            return _note(books, name, asked, _WEATHER)
        case "post":
            return _note(books, name, asked, _POST)
        case "mode":
            return _note(books, name, asked, _MODE)
        case "advance":
            seconds = int(asked.get("seconds", 0)) + int(asked.get("days", 0)) * _DAY
            if seconds < 0:
                raise invalid("Time only moves forward.", "seconds")
            return {"now": clock.move_on(books, seconds)}
        case "dispute":
            charge = books.get("charge", asked.get("charge", ""))
            return disputes.open(books, charge, asked.get("reason", "fraudulent"))
        case "close":
            return disputes.close(books, books.get("dispute", asked.get("dispute", "")), asked.get("verdict", "lost"))
    raise ShopError(404, "invalid_request_error", f"Nothing to control by the name {name}.")


def _note(books: Books, name: str, asked: dict[str, Any], known: set[str]) -> Document:
    for key in asked:
        if key not in known:
            raise invalid(f"Received unknown parameter: {key}", key)
    books.note(name, asked)
    return asked
