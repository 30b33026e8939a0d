"""Tells the shop what is for sale: products, prices by lookup key, and the portal that lets plans be changed.

A price at the shop cannot be changed, so another amount is another price, which takes the key over; whoever pays the
old one goes on paying it.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from billing.payment_facts import CatalogItem
from billing.stripe_facts import OWN
from billing.stripe_gateway import plain, translated, v1


def sync_catalog(items: Sequence[CatalogItem]) -> dict[str, str]:
    """Make the shop sell these items; return each key's price id. A second time nothing is changed.

    Prices of this site's products whose keys are no longer listed cannot be bought any more.
    """
    with translated():
        for product, item in {item.product: item for item in items}.items():
            _sync_product(product, item)
        known = {price["lookup_key"]: price for price in _own_prices()}
        prices = {item.key: _sync_price(item, known.get(item.key)) for item in items}
        for key, price in known.items():
            if key not in prices and price["active"]:
                v1().prices.update(price["id"], {"active": False})
        _sync_portal()
    return prices


def _sync_product(product: str, item: CatalogItem) -> None:
    id = _product_id(product)
    wanted: Any = {"name": item.name, "active": True}
    if item.description:
        wanted["description"] = item.description
    found = plain(v1().products.list({"ids": [id]}))["data"]
    if not found:
        made: Any = {"id": id, **wanted, "metadata": {OWN: product}}
        v1().products.create(made)
    elif any(found[0][name] != value for name, value in wanted.items()):
        v1().products.update(id, wanted)


def _own_prices() -> list[dict[str, Any]]:
    """Return the prices with a key of this site's products."""
    found = [plain(price) for price in v1().prices.list({"limit": 100}).auto_paging_iter()]
    return [price for price in found if price["lookup_key"] and price["metadata"].get(OWN)]


def _sync_price(item: CatalogItem, found: dict[str, Any] | None) -> str:
    """Return the id of the item's price, a new one where nothing that is sold fits."""
    if found and _fits(item, found):
        if not found["active"]:
            v1().prices.update(found["id"], {"active": True})
        return str(found["id"])
    params: Any = {
        "product": _product_id(item.product),
        "currency": item.currency,
        "unit_amount": item.amount_cents,
        "lookup_key": item.key,
        "transfer_lookup_key": True,
        "nickname": item.name,
        "metadata": {OWN: item.key},
    }
    if item.interval:
        params["recurring"] = {"interval": item.interval}
    made = v1().prices.create(params)
    if found:
        v1().prices.update(found["id"], {"active": False})
    return made.id


def _fits(item: CatalogItem, price: dict[str, Any]) -> bool:
    interval = (price["recurring"] or {}).get("interval", "")
    there = (price["product"], price["unit_amount"], price["currency"], interval)
    return there == (_product_id(item.product), item.amount_cents, item.currency, item.interval)


def _sync_portal() -> None:
    """Let the portal show invoices, take another card and cancel."""
    features: Any = {
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        # Plans are changed on the site: the portal cannot be told that one with fewer credits has to wait.
        "subscription_update": {"enabled": False},
    }
    configurations = v1().billing_portal.configurations
    found = [plain(one) for one in configurations.list({"active": True, "limit": 100}).data]
    mine = [one["id"] for one in found if one["metadata"].get(OWN)]
    params: Any = {"features": features, "default_return_url": f"{settings.SITE_URL}/settings/billing/"}
    if mine:
        configurations.update(mine[0], params)
    else:
        params["metadata"] = {OWN: "portal"}
        configurations.create(params)


def _product_id(product: str) -> str:
    return f"{OWN}_{product}"
