"""What a handler looks like, and which handler an address has."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from billing.test_shop.documents import Document
from billing.test_shop.params import EXPAND, Group
from billing.test_shop.store import Books

Handler = Callable[..., Document]


@dataclass(frozen=True)
class Route:
    """One call of the API: `handle(books, params, *ids)` answers with a document."""

    method: str
    path: str
    handle: Handler
    params: Group

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The path with each {id} open."""
        return re.compile(re.sub(r"\{\w+\}", r"([^/]+)", self.path) + "$")

    def run(self, books: Books, given: dict[str, Any], ids: tuple[str, ...]) -> tuple[Document, list[str]]:
        """Check the parameters and answer. Returns the document and what is to be expanded in it."""
        accepted = self.params if "expand" in self.params.fields else self.params.plus(expand=EXPAND)
        params = accepted.read(given, "")
        expand = params.pop("expand", [])
        return self.handle(books, params, *ids), expand


def getter(path: str, kind: str) -> Route:
    """Return the route that retrieves one document of a kind."""

    def handle(books: Books, _params: dict[str, Any], id: str) -> Document:
        return books.get(kind, id)

    return Route("GET", path, handle, Group())
