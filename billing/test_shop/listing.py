"""Pages of lists, and `expand`: ids in an answer replaced by what they stand for."""

from typing import Any

from billing.test_shop.documents import Document, list_of
from billing.test_shop.errors import invalid
from billing.test_shop.params import PAGE, Kind
from billing.test_shop.routes import Route
from billing.test_shop.store import Books

_BOUNDS = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}
_DEPTH = 4


def lister(path: str, kind: str, *, choices: dict[str, str] | None = None, **filters: Kind) -> Route:
    """Return the route that lists a kind. A filter is a field's name; `choices` says which field if it is another."""
    names = {name: (choices or {}).get(name, name) for name in filters}

    def handle(books: Books, params: dict[str, Any]) -> Document:
        wanted = {names[name]: value for name, value in params.items() if name in names}
        return page(select(books.all(kind), wanted), params, path)

    return Route("GET", path, handle, PAGE.plus(**filters))


def select(documents: list[Document], wanted: dict[str, Any]) -> list[Document]:
    """Return the documents whose fields are, are among, or lie within what is wanted."""
    return [one for one in documents if all(_fits(one.get(field), value) for field, value in wanted.items())]


def page(documents: list[Document], params: dict[str, Any], path: str) -> Document:
    """Return the asked page of documents that come newest first. Raises the refusal of an unknown cursor."""
    ids = [document["id"] for document in documents]
    limit = params.get("limit", 10)
    if "starting_after" in params:
        start = _position(ids, params["starting_after"], "starting_after") + 1
        chosen = documents[start : start + limit]
        has_more = len(documents) > start + limit
    elif "ending_before" in params:
        end = _position(ids, params["ending_before"], "ending_before")
        chosen = documents[max(0, end - limit) : end]
        has_more = end - limit > 0
    else:
        chosen, has_more = documents[:limit], len(documents) > limit
    return list_of(chosen, path, has_more=has_more)


def expand(books: Books, document: Document, paths: list[str]) -> Document:
    """Return the document with the objects at these paths put in. Raises the refusal of a path that leads nowhere."""
    for number, path in enumerate(paths):
        parts = path.split(".")
        if len(parts) - (parts[0] == "data") > _DEPTH:
            raise invalid("You cannot expand more than 4 levels of a property.", f"expand[{number}]")
        _expand(books, document, parts, path, f"expand[{number}]")
    return document


def _fits(found: Any, value: Any) -> bool:
    if isinstance(value, dict):
        return all(_BOUNDS[bound](found, limit) for bound, limit in value.items())
    if isinstance(value, list):
        return found in value
    return bool(found == value)


def _position(ids: list[str], id: str, param: str) -> int:
    try:
        return ids.index(id)
    except ValueError:
        raise invalid(f"No such object: '{id}'", param, "resource_missing") from None


def _expand(books: Books, place: Document, parts: list[str], path: str, param: str) -> None:
    head, rest = parts[0], parts[1:]
    if head == "data" and place.get("object") == "list":
        for item in place["data"]:
            _expand(books, item, rest, path, param)
        return
    if head not in place:
        included = _included(books, place, head)
        if included is None:
            raise invalid(f"This property cannot be expanded ({path}).", param)
        place[head] = included
    value = place[head]
    if isinstance(value, list):
        place[head] = value = [books.find(item) or item if isinstance(item, str) else item for item in value]
    elif isinstance(value, str):
        found = books.find(value)
        if found is None:
            raise invalid(f"This property cannot be expanded ({path}).", param)
        place[head] = value = found
    if rest:
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                _expand(books, item, rest, path, param)


def _included(books: Books, place: Document, field: str) -> Document | None:
    """Return the list that belongs to an object but is sent only when asked for."""
    match place.get("object"), field:
        case "invoice", "payments":
            return list_of(books.all("invoice_payment", invoice=place["id"]), "/v1/invoice_payments")
        case "charge", "refunds":
            return list_of(books.all("refund", charge=place["id"]), f"/v1/charges/{place['id']}/refunds")
        case "checkout.session", "line_items":
            return list_of(place["_line_items"], f"/v1/checkout/sessions/{place['id']}/line_items")
        case "customer", "subscriptions":
            mine = books.all("subscription", customer=place["id"])
            return list_of([one for one in mine if one["status"] != "canceled"], "/v1/subscriptions")
    return None
