"""Products and prices: what can be bought, and for how much."""

from typing import Any

from billing.test_shop import events
from billing.test_shop.documents import Document, merge_metadata, new_id
from billing.test_shop.errors import invalid
from billing.test_shop.listing import lister, page
from billing.test_shop.params import PAGE, Choice, Flag, Many, Map, Text, Whole, group
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books


def _create_product(books: Books, params: dict[str, Any]) -> Document:
    id = params.get("id") or new_id("product")
    if books.find(id):
        raise invalid(f"Product already exists: {id}", "id", "resource_already_exists")
    now = books.now()
    product = {
        "id": id,
        "object": "product",
        "active": params.get("active", True),
        "created": now,
        "default_price": None,
        "description": params.get("description"),
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": params.get("metadata") or {},
        "name": params["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": params.get("tax_code"),
        "type": "service",
        "unit_label": None,
        "updated": now,
        "url": None,
    }
    return events.add(books, product, "product.created")


def _update_product(books: Books, params: dict[str, Any], id: str) -> Document:
    product = books.get("product", id)
    if "metadata" in params:
        merge_metadata(product, params.pop("metadata"))
    product |= params
    product["updated"] = books.now()
    return events.save(books, product, "product.updated")


def _create_price(books: Books, params: dict[str, Any]) -> Document:
    books.get("product", params["product"], param="product")
    key = params.get("lookup_key")
    _free_lookup_key(books, key, may_transfer=params.get("transfer_lookup_key", False))
    recurring = params.get("recurring")
    price = {
        "id": new_id("price"),
        "object": "price",
        "active": params.get("active", True),
        "billing_scheme": "per_unit",
        "created": books.now(),
        "currency": params["currency"].lower(),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": key,
        "metadata": params.get("metadata") or {},
        "nickname": params.get("nickname"),
        "product": params["product"],
        "recurring": recurring
        and {
            "interval": recurring["interval"],
            "interval_count": recurring.get("interval_count", 1),
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": params["unit_amount"],
        "unit_amount_decimal": str(params["unit_amount"]),
    }
    return events.add(books, price, "price.created")


def _update_price(books: Books, params: dict[str, Any], id: str) -> Document:
    price = books.get("price", id)
    if "metadata" in params:
        merge_metadata(price, params.pop("metadata"))
    if "lookup_key" in params:
        key = params.pop("lookup_key") or None
        if key != price["lookup_key"]:
            _free_lookup_key(books, key, may_transfer=params.pop("transfer_lookup_key", False))
        price["lookup_key"] = key
    params.pop("transfer_lookup_key", None)
    price |= params
    return events.save(books, price, "price.updated")


def _free_lookup_key(books: Books, key: str | None, *, may_transfer: bool) -> None:
    holders = books.all("price", lookup_key=key) if key else []
    for holder in holders:
        if not may_transfer:
            raise invalid(f"A price (`{holder['id']}`) already uses that lookup key.", "lookup_key")
        holder["lookup_key"] = None
        events.save(books, holder, "price.updated")


def _list_prices(books: Books, params: dict[str, Any]) -> Document:
    found = books.all("price")
    for name in ("active", "product", "type", "currency"):
        if name in params:
            found = [price for price in found if price[name] == params[name]]
    if "lookup_keys" in params:
        found = [price for price in found if price["lookup_key"] in params["lookup_keys"]]
    return page(found, params, "/v1/prices")


_RECURRING = group("interval", interval=Choice(("day", "week", "month", "year")), interval_count=Whole(1, 36))
_TAX = Choice(("exclusive", "inclusive", "unspecified"))
_PRODUCT = {"active": Flag(), "description": Text(), "metadata": Map(), "tax_code": Text()}
_PRICE = {"active": Flag(), "lookup_key": Text(200), "metadata": Map(), "nickname": Text(), "tax_behavior": _TAX}

ROUTES = [
    Route("POST", "/v1/products", _create_product, group("name", name=Text(250), id=Text(), **_PRODUCT)),
    Route("POST", "/v1/products/{id}", _update_product, group(name=Text(250, may_be_empty=False), **_PRODUCT)),
    getter("/v1/products/{id}", "product"),
    lister("/v1/products", "product", choices={"ids": "id"}, active=Flag(), ids=Many(Text())),
    Route(
        "POST",
        "/v1/prices",
        _create_price,
        group(
            "currency",
            "product",
            "unit_amount",
            currency=Text(3),
            product=Text(),
            unit_amount=Whole(0, 99_999_999),
            recurring=_RECURRING,
            transfer_lookup_key=Flag(),
            **_PRICE,
        ),
    ),
    Route("POST", "/v1/prices/{id}", _update_price, group(transfer_lookup_key=Flag(), **_PRICE)),
    getter("/v1/prices/{id}", "price"),
    Route(
        "GET",
        "/v1/prices",
        _list_prices,
        PAGE.plus(
            active=Flag(),
            product=Text(),
            currency=Text(3),
            type=Choice(("one_time", "recurring")),
            lookup_keys=Many(Text(), limit=10),
        ),
    ),
]
