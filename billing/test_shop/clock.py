"""Time: test clocks, the shop's own time moved on, and what happens by itself on the way, in its order.

A customer made with a test clock lives in that clock's time; everybody else in the shop's, which is the real one plus
what its desk or a test has moved it on by. Unlike Stripe's, a test clock may jump as far as one likes.
"""

from typing import Any

from billing.test_shop import checkout, collection, events, renewals
from billing.test_shop.documents import Document, new_id
from billing.test_shop.errors import invalid
from billing.test_shop.listing import lister
from billing.test_shop.params import Text, Whole, group
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books

_RUN_DUE = {
    "checkout.session": checkout.expire,
    "invoice": collection.retry,
    "subscription": renewals.run_due,
}
_LIFE_SECONDS = 30 * 86400


def catch_up(books: Books) -> None:
    """Let everything happen that is due by now in the shop's own time."""
    _run_until(books, "", books.shop_time())


def move_on(books: Books, seconds: int) -> int:
    """Move the shop's own time on and let happen what falls into it. Returns the new time."""
    catch_up(books)
    target = books.shop_time() + seconds
    _run_until(books, "", target)
    books.note("seconds_ahead", int(books.fact("seconds_ahead", 0)) + seconds)
    return target


def _run_until(books: Books, scope: str, target: int) -> None:
    query = "SELECT id, due FROM objects WHERE scope = ? AND due <= ? ORDER BY due, seq LIMIT 1"
    while row := books.sql.execute(query, (scope, target)).fetchone():
        document = books.find(row[0])
        assert document is not None
        books.moment = row[1]
        _RUN_DUE[document["object"]](books, document)
    books.moment = None


# --- The API ---


def _create(books: Books, params: dict[str, Any]) -> Document:
    now = books.shop_time()
    clock = {
        "id": new_id("test_helpers.test_clock"),
        "object": "test_helpers.test_clock",
        "created": now,
        "deletes_after": now + _LIFE_SECONDS,
        "frozen_time": params["frozen_time"],
        "livemode": False,
        "name": params.get("name"),
        "status": "ready",
        "status_details": {},
    }
    return events.add(books, clock, "test_helpers.test_clock.created")


def _advance(books: Books, params: dict[str, Any], id: str) -> Document:
    """Move a test clock. Answered as "advancing" like the real one, though it has arrived when asked again."""
    clock = books.get("test_helpers.test_clock", id)
    if params["frozen_time"] <= clock["frozen_time"]:
        raise invalid("A test clock can only move forward.", "frozen_time")
    _run_until(books, id, params["frozen_time"])
    clock["frozen_time"] = params["frozen_time"]
    events.emit(books, "test_helpers.test_clock.advancing", {**clock, "status": "advancing"})
    events.save(books, clock, "test_helpers.test_clock.ready")
    return {**clock, "status": "advancing"}


def _delete(books: Books, _params: dict[str, Any], id: str) -> Document:
    clock = books.get("test_helpers.test_clock", id)
    events.emit(books, "test_helpers.test_clock.deleted", clock)
    books.sql.execute("DELETE FROM objects WHERE scope = ? AND kind != 'event'", (id,))
    books.remove(clock)
    return {"id": id, "object": "test_helpers.test_clock", "deleted": True}


_PATH = "/v1/test_helpers/test_clocks"
_KIND = "test_helpers.test_clock"

ROUTES = [
    Route("POST", _PATH, _create, group("frozen_time", frozen_time=Whole(), name=Text(300))),
    Route("POST", f"{_PATH}/{{id}}/advance", _advance, group("frozen_time", frozen_time=Whole())),
    Route("DELETE", f"{_PATH}/{{id}}", _delete, group()),
    getter(f"{_PATH}/{{id}}", _KIND),
    lister(_PATH, _KIND),
]
