"""The shop's books: documents in a SQLite file of its own, one transaction a request.

BEGIN IMMEDIATE puts requests one after another, whatever process they came to; so a handler reads and writes as if it
were alone. `Books` is that transaction, and the time it happens at.
"""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from billing.test_shop.documents import Document, public
from billing.test_shop.errors import missing

_BUSY_SECONDS = 20.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL,
    scope TEXT NOT NULL DEFAULT '', due INTEGER
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_customer ON objects (kind, json_extract(body, '$.customer'));
CREATE INDEX IF NOT EXISTS objects_due ON objects (scope, due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL, due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (due) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Store:
    """The file. A connection lives as long as one transaction, so threads and forks share none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_made = False

    @contextmanager
    def books(self) -> Iterator["Books"]:
        """Yield the books in one transaction: kept at the end, undone by an exception."""
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            if not self._is_made:
                _write_ahead(connection)
                connection.executescript(_SCHEMA)
                self._is_made = True
            connection.execute("PRAGMA synchronous=OFF")  # a power cut may cost the last moments: no money is in them
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Books(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        finally:
            connection.close()


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have the file write ahead. While another process is about that, SQLite refuses at once and does not wait."""
    end = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


class Books:
    """All documents within one transaction, and the time of the customer it is about."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.sql = connection
        self.base_url = ""
        # Of the request that all this is done for; its events name it.
        self.request_id = ""
        self.idempotency_key = ""
        # While the clock moves: the moment that is being lived through, for the customers of that clock.
        self.moment: int | None = None

    # --- Documents ---

    def find(self, id: str | None) -> Document | None:
        """Return the document, or None."""
        row = self.sql.execute("SELECT body FROM objects WHERE id = ?", (id or "",)).fetchone()
        return json.loads(row[0]) if row else None

    def get(self, kind: str, id: str, *, param: str = "id") -> Document:
        """Return the document of that kind. Raises the error of a missing object, naming the parameter."""
        found = self.find(id)
        if found is None or found["object"] != kind:
            raise missing(kind.split(".")[-1], id, param)
        return found

    def customer(self, id: str, *, param: str = "customer") -> Document:
        """Return a customer who is not deleted. Raises the error of a missing one."""
        customer = self.get("customer", id, param=param)
        if customer.get("deleted"):
            raise missing("customer", id, param)
        return customer

    def put(self, document: Document) -> None:
        """Write a document, new or changed."""
        clock, due = self._scope_of(document), due_at(document)
        self.sql.execute(
            "INSERT INTO objects (id, kind, body, scope, due) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body, scope = excluded.scope, due = excluded.due",
            (document["id"], document["object"], json.dumps(document), clock, due),
        )

    def remove(self, document: Document) -> None:
        """Forget a document."""
        self.sql.execute("DELETE FROM objects WHERE id = ?", (document["id"],))

    def replace(self, told: str, by: str) -> None:
        """Write a value anew wherever a document or an answer holds it; both are JSON."""
        for table in ("objects", "replies"):
            self.sql.execute(f"UPDATE {table} SET body = replace(body, ?, ?)", (told, by))  # noqa: S608  (our own names)

    def all(self, kind: str, **where: Any) -> list[Document]:
        """Return the documents of a kind whose fields have these values, newest first."""
        return [json.loads(row[0]) for row in self._select(kind, where)]

    def _select(self, kind: str, where: dict[str, Any]) -> sqlite3.Cursor:
        terms = "".join(f" AND json_extract(body, '$.{field}') = ?" for field in where)  # our own field names
        return self.sql.execute(
            f"SELECT body FROM objects WHERE kind = ?{terms} ORDER BY seq DESC",  # noqa: S608
            (kind, *where.values()),
        )

    def changed(self, document: Document) -> Document:
        """Return what the document's public fields held before, of those that differ from the stored version."""
        before, after = public(self.find(document["id"]) or {}), public(document)
        return {key: before.get(key) for key in after if before.get(key) != after[key]}

    # --- Time ---

    def now(self, document: Document | None = None) -> int:
        """Return the time for a customer or what belongs to one: their test clock's, else the shop's."""
        if self.moment is not None:
            return self.moment
        clock = self._scope_of(document) if document else ""
        return int(self.get("test_helpers.test_clock", clock)["frozen_time"]) if clock else self.shop_time()

    def shop_time(self) -> int:
        """Return the time of everybody without a test clock: the real one, moved on by the shop's desk."""
        return int(time.time()) + int(self.fact("seconds_ahead", 0))

    def _scope_of(self, document: Document) -> str:
        if document.get("test_clock"):
            return str(document["test_clock"])
        owner = document.get("customer")
        customer = self.find(owner) if isinstance(owner, str) else None
        return str((customer or {}).get("test_clock") or "")

    # --- Facts: small values with a name ---

    def fact(self, name: str, default: Any = None) -> Any:
        """Return a value kept by name."""
        row = self.sql.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def note(self, name: str, value: Any) -> None:
        """Keep a value by name."""
        self.sql.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, json.dumps(value)))


def due_at(document: Document) -> int | None:
    """Return when something happens to a document by itself, or None."""
    match document["object"]:
        case "subscription":
            return _subscription_due_at(document)
        case "invoice" if document["status"] == "open":
            return document["next_payment_attempt"]  # type: ignore[no-any-return]
        case "invoice" if document["status"] == "draft":
            return document["_finalizes_at"]  # type: ignore[no-any-return]
        case "checkout.session" if document["status"] == "open":
            return int(document["expires_at"])
    return None


def _subscription_due_at(subscription: Document) -> int | None:
    if subscription["status"] in ("canceled", "incomplete_expired"):
        return None
    moments = [subscription["items"]["data"][0]["current_period_end"]]
    if subscription["pending_update"]:
        moments.append(subscription["pending_update"]["expires_at"])
    return int(min(moments))
