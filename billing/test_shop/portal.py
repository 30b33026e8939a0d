"""The billing portal: its configurations, and sessions that open it for a customer."""

from typing import Any

from billing.test_shop import events
from billing.test_shop.documents import Document, merge_metadata, new_id
from billing.test_shop.errors import invalid
from billing.test_shop.listing import lister
from billing.test_shop.params import Choice, Flag, Group, Many, Map, Text, group
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books

LIFE_SECONDS = 3600
_FLOWS = ("payment_method_update", "subscription_cancel", "subscription_update")
_FIELDS = ("headline", "privacy_policy_url", "terms_of_service_url")


def _create_session(books: Books, params: dict[str, Any]) -> Document:
    customer = books.customer(params["customer"])
    configuration = _configuration(books, params.get("configuration"))
    flow = params.get("flow_data")
    id = new_id("billing_portal.session")
    session = {
        "id": id,
        "object": "billing_portal.session",
        "configuration": configuration["id"],
        "created": books.now(customer),
        "customer": customer["id"],
        "flow": flow and _flow(books, flow),
        "livemode": False,
        "locale": None,
        "on_behalf_of": None,
        "return_url": params.get("return_url", configuration["default_return_url"]),
        "url": f"{books.base_url}/portal/{id}",
    }
    return events.add(books, session, "billing_portal.session.created")


def _configuration(books: Books, id: str | None) -> Document:
    if id:
        return books.get("billing_portal.configuration", id, param="configuration")
    found = [one for one in books.all("billing_portal.configuration") if one["active"] and one["is_default"]]
    if not found:
        raise invalid("No configuration provided and your test mode default configuration has not been created.")
    return found[0]


def _flow(books: Books, asked: dict[str, Any]) -> Document:
    kind = asked["type"]
    about = asked.get(kind)
    if kind != "payment_method_update":
        if about is None:
            raise invalid(f"Missing required param: flow_data[{kind}].", f"flow_data[{kind}]", "parameter_missing")
        books.get("subscription", about["subscription"], param=f"flow_data[{kind}][subscription]")
    told = {"subscription_cancel": {"retention": None}}.get(kind, {})
    return {
        **dict.fromkeys((*_FLOWS[1:], "subscription_update_confirm")),
        "after_completion": {"hosted_confirmation": None, "redirect": None, "type": "portal_homepage"},
        "type": kind,
        **({kind: {**told, **about}} if about else {}),
    }


def _create(books: Books, params: dict[str, Any]) -> Document:
    now = books.now()
    configuration = {
        "id": new_id("billing_portal.configuration"),
        "object": "billing_portal.configuration",
        "active": True,
        "application": None,
        "business_profile": {**dict.fromkeys(_FIELDS), **params.get("business_profile", {})},
        "created": now,
        "default_return_url": params.get("default_return_url"),
        "features": _features(books, params["features"], {}),
        "is_default": not books.all("billing_portal.configuration"),
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": params.get("metadata") or {},
        "name": None,
        "updated": now,
    }
    return events.add(books, configuration, "billing_portal.configuration.created")


def _update(books: Books, params: dict[str, Any], id: str) -> Document:
    configuration = books.get("billing_portal.configuration", id)
    if "metadata" in params:
        merge_metadata(configuration, params["metadata"])
    configuration["business_profile"] |= params.get("business_profile", {})
    configuration["features"] = _features(books, params.get("features", {}), configuration["features"])
    for name in ("active", "default_return_url"):
        configuration[name] = params.get(name, configuration[name])
    configuration["updated"] = books.now()
    return events.save(books, configuration, "billing_portal.configuration.updated")


def _features(books: Books, asked: dict[str, Any], before: Document) -> Document:
    """Return the features asked for over those from before, each whole."""
    reasons = {"enabled": False, "options": []}
    features: Document = {
        "customer_update": {"allowed_updates": [], "enabled": False},
        "invoice_history": {"enabled": False},
        "payment_method_update": {"enabled": False, "payment_method_configuration": None},
        "subscription_cancel": {
            "cancellation_reason": reasons,
            "enabled": False,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_pause": {"enabled": False, "duration": {"interval_options": [], "type": "indefinite"}},
        "subscription_update": {
            "billing_cycle_anchor": None,
            "default_allowed_updates": [],
            "enabled": False,
            "products": [],
            "proration_behavior": "none",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }
    for name, feature in features.items():
        feature |= before.get(name, {})
        feature |= asked.get(name, {})
    for number, product in enumerate(features["subscription_update"]["products"]):
        for price in product["prices"]:
            books.get("price", price, param=f"features[subscription_update][products][{number}][prices]")
        product.setdefault("adjustable_quantity", {"enabled": False, "maximum": None, "minimum": 1})
    return features


_PRORATION = Choice(("always_invoice", "none"))
_CONDITIONS = Many(group("type", type=Choice(("decreasing_item_amount", "shortening_interval"))))
_FEATURES = Group(
    {
        "customer_update": group(
            "enabled", enabled=Flag(), allowed_updates=Many(Choice(("address", "email", "name", "phone", "tax_id")))
        ),
        "invoice_history": group("enabled", enabled=Flag()),
        "payment_method_update": group("enabled", enabled=Flag()),
        "subscription_cancel": group("enabled", enabled=Flag(), mode=Choice(("at_period_end", "immediately"))),
        "subscription_update": group(
            "enabled",
            enabled=Flag(),
            default_allowed_updates=Many(Choice(("price",))),
            proration_behavior=_PRORATION,
            schedule_at_period_end=group(conditions=_CONDITIONS),
            products=Many(group("product", "prices", product=Text(), prices=Many(Text()))),
        ),
    }
)
_PROFILE = group(headline=Text(60), privacy_policy_url=Text(), terms_of_service_url=Text())
_ABOUT = group("subscription", subscription=Text())
_FLOW = group("type", type=Choice(_FLOWS), subscription_cancel=_ABOUT, subscription_update=_ABOUT)
_CONFIGURATION = {"business_profile": _PROFILE, "default_return_url": Text(), "features": _FEATURES, "metadata": Map()}
_PATH = "/v1/billing_portal/configurations"

ROUTES = [
    Route(
        "POST",
        "/v1/billing_portal/sessions",
        _create_session,
        group("customer", customer=Text(), configuration=Text(), return_url=Text(), flow_data=_FLOW),
    ),
    Route("POST", _PATH, _create, group("features", **_CONFIGURATION)),
    Route("POST", f"{_PATH}/{{id}}", _update, group(active=Flag(), **_CONFIGURATION)),
    getter(f"{_PATH}/{{id}}", "billing_portal.configuration"),
    lister(_PATH, "billing_portal.configuration", active=Flag(), is_default=Flag()),
]
