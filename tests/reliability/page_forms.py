"""What a page lets its reader send: its forms, what htmx sends, and the queries of its links; by name and kind."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

_HTMX = {"hx-get": "GET", "hx-post": "POST"}
_OTHER_METHODS = ("hx-put", "hx-patch", "hx-delete")


@dataclass(frozen=True)
class Field:
    """A field: its kind is the input's type, or `select`, `textarea`, `button`, `link`; `values` are what it offers."""

    name: str
    kind: str = "text"
    values: tuple[str, ...] = ()


@dataclass
class Form:
    """Where a form leads and what it sends there."""

    method: str
    path: str
    fields: list[Field] = field(default_factory=list)


def read(page: str, path: str) -> list[Form]:
    """Return what the page at `path` lets one send. Links without a query are left out."""
    reader = _Reader(path)
    reader.feed(page)
    reader.close()
    return [form for form in reader.forms() if form.path]


def merge(fields: list[Field]) -> list[Field]:
    """Make one field of those with the same name and kind, with the values of all."""
    values: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for found in fields:
        values[found.name, found.kind].update(dict.fromkeys(found.values))
    return [Field(name, kind, tuple(offered)) for (name, kind), offered in values.items()]


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self._forms: list[tuple[str, list[tuple[str, str]], list[Field]]] = []  # id, where it leads, fields
        self._elsewhere: list[tuple[str, Field]] = []  # fields that name their form
        self._links: list[Form] = []
        self._open: int | None = None
        self._select: tuple[str, list[str], str] | None = None

    def forms(self) -> Iterator[Form]:
        for name, ways, fields in self._forms:
            more = [found for owner, found in self._elsewhere if owner and owner == name]
            for method, path in ways:
                yield Form(method, path, merge(fields + more))
        yield from self._links

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            ways = [(has.get("method", "get").upper(), self._to(has.get("action", "")))]
            self._forms.append((has.get("id", ""), ways, []))
            self._open = len(self._forms) - 1
        if tag == "a":
            self._link("GET", has.get("href", ""), [])
        self._hear_htmx(has)
        if tag in ("input", "textarea", "button") and has.get("name"):
            kind = has.get("type", "text") if tag == "input" else tag
            self._keep(Field(has["name"], kind, (has["value"],) if "value" in has else ()), has.get("form", ""))
        elif tag == "select" and has.get("name"):
            self._select = (has["name"], [], has.get("form", ""))
        elif tag == "option" and self._select and "value" in has:
            self._select[1].append(has["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select" and self._select:
            name, values, form = self._select
            self._keep(Field(name, "select", tuple(values)), form)
            self._select = None

    def _hear_htmx(self, has: dict[str, str]) -> None:
        for attribute, method in _HTMX.items():
            if attribute in has:
                own: list[Field] = []
                with suppress(ValueError):
                    own = (
                        [Field(name, "hidden", (str(value),)) for name, value in json.loads(has["hx-vals"]).items()]
                        if "hx-vals" in has
                        else []
                    )
                if has.get("name"):
                    own.append(Field(has["name"], "text", (has.get("value", ""),)))
                way = (method, self._to(has[attribute]))
                if self._open is None:
                    self._links.append(Form(*way, fields=[*own, *_query(has[attribute])]))
                else:
                    self._forms[self._open][1].append(way)
                    self._forms[self._open][2].extend(own)
        if "formaction" in has and self._open is not None:
            self._forms[self._open][1].append(("POST", self._to(has["formaction"])))
        assert not set(_OTHER_METHODS) & set(has), "a page that sends by another method than GET and POST"

    def _link(self, method: str, target: str, fields: list[Field]) -> None:
        if query := _query(target):
            self._links.append(Form(method, self._to(target), [*fields, *query]))

    def _keep(self, found: Field, form: str) -> None:
        if form:
            self._elsewhere.append((form, found))
        elif self._open is not None:
            self._forms[self._open][2].append(found)

    def _to(self, target: str) -> str:
        """Return the path on this site that an address leads to; "" where it leads elsewhere."""
        parts = urlsplit(urljoin(self.path, target))
        return "" if parts.netloc or parts.scheme else parts.path


def _query(target: str) -> list[Field]:
    return [Field(name, "link", (value,)) for name, value in parse_qsl(urlsplit(target).query, keep_blank_values=True)]
