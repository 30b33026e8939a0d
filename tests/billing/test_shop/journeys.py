"""People doing all there is to do in the shop, so that whatever it sends has been sent once."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from billing.test_shop.app import ROUTES
from billing.test_shop.documents import public
from billing.test_shop.exchange import Request, Response
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop

# The events that billing acts upon.
HEARD = {
    *("checkout.session.completed", "checkout.session.expired"),
    *("invoice.paid", "invoice.payment_failed", "invoice.payment_action_required", "invoice.voided"),
    *("customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted"),
    *("customer.subscription.pending_update_applied", "customer.subscription.pending_update_expired"),
    *("charge.refunded", "charge.dispute.created", "charge.dispute.closed", "customer.updated", "customer.deleted"),
    *("payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.requires_action"),
    *("subscription_schedule.created", "subscription_schedule.released", "test_helpers.test_clock.ready"),
}


@dataclass
class Sent:
    """What the shop answered, which routes it took, which events it wrote."""

    objects: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    routes: set[str] = field(default_factory=set)

    @property
    def singles(self) -> list[dict[str, Any]]:
        """The objects with those of each list for themselves."""
        return [one for value in self.objects for one in (value["data"] if value["object"] == "list" else [value])]


@dataclass
class Catalog:
    """What is for sale."""

    product: str
    basic: str
    pro: str
    pro_year: str
    pack: str


def stock(shop: OpenShop) -> Catalog:
    """Put two plans and a pack into a shop."""
    product = shop.v1.products.create({"name": "Plan"}).id
    month, year = {"interval": "month"}, {"interval": "year"}
    return Catalog(
        product,
        _price(shop, product, 1000, recurring=month, lookup_key="basic:month", nickname="Basic"),
        _price(shop, product, 3000, recurring=month, lookup_key="pro:month", nickname="Pro"),
        _price(shop, product, 30000, recurring=year, lookup_key="pro:year", nickname="Pro, a year"),
        _price(shop, product, 1500, lookup_key="pack", nickname="Pack"),
    )


def subscribe(shop: OpenShop, customer: str, price: str, card: str = counter.VISA, **asked: Any) -> Any:
    """Subscribe through the checkout's page and return the subscription."""
    session = checkout(shop, customer, price, "subscription", **asked)
    answer = shop.pay(session.url, card)
    if "/authenticate/" in answer.location:
        answer = shop.visit(answer.location, do="yes")
    assert answer.status == 303, answer.problem
    return shop.v1.subscriptions.retrieve(shop.v1.checkout.sessions.retrieve(session.id).subscription)


def checkout(shop: OpenShop, customer: str, price: str, mode: str, **asked: Any) -> Any:
    """Open a checkout."""
    items = [{"price": price, "quantity": 1}]
    url = "http://localhost:8000/done/?session={CHECKOUT_SESSION_ID}"
    basket = {"mode": mode, "customer": customer, "line_items": items, "success_url": url, **asked}
    return shop.v1.checkout.sessions.create(basket)


def everything(folder: Path) -> Sent:
    """Do all there is to do and return what the shop sent meanwhile."""
    sent = Sent()
    with counter.open_shop(folder) as shop:
        _listen(shop, sent)
        catalog = stock(shop)
        for journey in (_subscriber, _changer, _debtor, _buyer, _disputer, _operator, _traveller, _reader):
            journey(shop, catalog)
        with shop.shop.store.books() as books:  # as they are written: the SDK makes decimals of some texts
            sent.events = public(books.all("event"))
    return sent


def _price(shop: OpenShop, product: str, cents: int, **asked: Any) -> str:
    return str(shop.v1.prices.create({"product": product, "currency": "usd", "unit_amount": cents, **asked}).id)


def _listen(shop: OpenShop, sent: Sent) -> None:
    plain = shop.shop.answer

    def answer(request: Request) -> Response:
        response = plain(request)
        if request.path.startswith("/v1/") and response.status == 200:
            sent.objects.append(json.loads(response.body))
            taken = (route for route in ROUTES if route.method == request.method and route.pattern.match(request.path))
            route = next(taken)
            sent.routes.add(f"{route.method} {route.path}")
        return response

    shop.shop.answer = answer  # type: ignore[method-assign]


def _customer(shop: OpenShop, name: str, **asked: Any) -> str:
    return str(shop.v1.customers.create({"email": f"{name}@example.com", "name": name, **asked}).id)


def _subscriber(shop: OpenShop, catalog: Catalog) -> None:
    """Subscribe with a code and tax, renew, cancel, resume, cancel, end."""
    v1 = shop.v1
    v1.coupons.create({"id": "half", "percent_off": 50, "duration": "repeating", "duration_in_months": 2})
    v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": "half"}, "code": "HALF"})
    customer = _customer(shop, "subscriber")
    address = {"customer_update": {"address": "auto"}, "automatic_tax": {"enabled": True}}
    session = checkout(shop, customer, catalog.basic, "subscription", allow_promotion_codes=True, **address)
    shop.pay(session.url, counter.DECLINED)
    shop.pay(session.url, code="HALF", country="DE", postal_code="10115")
    done = v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items", "subscription", "invoice"]})
    subscription = done.subscription.id
    shop.advance(days=32)
    v1.subscriptions.update(subscription, {"cancel_at_period_end": True, "metadata": {"why": "dear"}})
    v1.subscriptions.update(subscription, {"cancel_at_period_end": False})
    v1.subscriptions.cancel(subscription)
    v1.customers.delete(customer)


def _changer(shop: OpenShop, catalog: Catalog) -> None:
    """Upgrade at once, by the year, down at the period's end, change one's mind, use the portal."""
    v1 = shop.v1
    customer = _customer(shop, "changer")
    subscription = subscribe(shop, customer, catalog.basic, counter.ASKS)
    item = subscription["items"].data[0].id
    change = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
    details = {"items": [{"id": item, "price": catalog.pro}], "proration_behavior": "always_invoice"}
    v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": details})
    shop.advance(days=3)
    v1.subscriptions.update(subscription.id, {"items": [{"id": item, "price": catalog.pro}], **change})
    v1.subscriptions.update(subscription.id, {"items": [{"id": item, "price": catalog.pro_year}], **change})
    schedule = v1.subscription_schedules.create({"from_subscription": subscription.id})
    now = schedule.phases[0]
    first = {"items": [{"price": catalog.pro_year}], "start_date": now.start_date, "end_date": now.end_date}
    phases = [first, {"items": [{"price": catalog.basic}], "duration": {"interval": "month"}}]
    v1.subscription_schedules.update(schedule.id, {"phases": phases, "end_behavior": "release"})
    v1.subscription_schedules.release(schedule.id)
    _portal(shop, customer, catalog)


def _portal(shop: OpenShop, customer: str, catalog: Catalog) -> None:
    v1 = shop.v1
    features = {
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
    }
    configuration = v1.billing_portal.configurations.create({"features": features})
    plans = [{"product": catalog.product, "prices": [catalog.basic, catalog.pro, catalog.pro_year]}]
    conditions = [{"type": "decreasing_item_amount"}, {"type": "shortening_interval"}]
    update = {
        "enabled": True,
        "default_allowed_updates": ["price"],
        "products": plans,
        "proration_behavior": "always_invoice",
        "schedule_at_period_end": {"conditions": conditions},
    }
    v1.billing_portal.configurations.update(configuration.id, {"features": {"subscription_update": update}})
    session = v1.billing_portal.sessions.create({"customer": customer, "return_url": "http://localhost:8000/"})
    subscription = v1.subscriptions.list({"customer": customer}).data[0].id
    for flow in ("subscription_cancel", "subscription_update"):
        flow_data = {"type": flow, flow: {"subscription": subscription}}
        v1.billing_portal.sessions.create({"customer": customer, "flow_data": flow_data})
    v1.billing_portal.sessions.create({"customer": customer, "flow_data": {"type": "payment_method_update"}})
    shop.pay(session.url, do="card")
    shop.visit(session.url, do="change", subscription=subscription, price=catalog.basic)
    shop.visit(session.url, do="keep", subscription=subscription)
    shop.visit(session.url, do="cancel", subscription=subscription)
    shop.visit(session.url, do="resume", subscription=subscription)


def _debtor(shop: OpenShop, catalog: Catalog) -> None:
    """Fail to renew, pay late; fail for good; leave an upgrade unpaid."""
    v1 = shop.v1
    customer = _customer(shop, "debtor")
    subscription = subscribe(shop, customer, catalog.basic, counter.FAILS_LATER)
    shop.advance(days=33)
    invoice = v1.invoices.list({"customer": customer, "status": "open"}).data[0]
    shop.pay(invoice.hosted_invoice_url, counter.ALWAYS_ASKS)
    asked = v1.payment_intents.list({"customer": customer}).data[0]
    shop.visit(f"{shop.url}/authenticate/{asked.id}", do="yes")
    shop.advance(days=31)
    method = v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})
    v1.invoices.pay(v1.subscriptions.retrieve(subscription.id).latest_invoice, {"payment_method": method.id})
    item = {"id": subscription["items"].data[0].id, "price": catalog.pro}
    change = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
    v1.subscriptions.update(subscription.id, {"items": [item], **change})
    v1.invoices.void_invoice(v1.subscriptions.retrieve(subscription.id).latest_invoice)
    shop.advance(days=60)


def _buyer(shop: OpenShop, catalog: Catalog) -> None:
    """Buy a pack, keep the card, top up without being there, get money back, let a checkout expire."""
    v1 = shop.v1
    customer = _customer(shop, "buyer")
    invoice_data = {"description": "A pack", "metadata": {"pack": "1"}}
    asked = {
        "invoice_creation": {"enabled": True, "invoice_data": invoice_data},
        "payment_intent_data": {"setup_future_usage": "off_session", "metadata": {"pack": "1"}},
    }
    session = checkout(shop, customer, catalog.pack, "payment", **asked)
    shop.pay(session.url)
    v1.checkout.sessions.line_items.list(session.id)
    intent = v1.checkout.sessions.retrieve(session.id).payment_intent
    refund = v1.refunds.create({"payment_intent": intent, "amount": 500, "metadata": {"why": "half"}})
    v1.refunds.create({"payment_intent": intent, "reason": "requested_by_customer"})
    v1.refunds.retrieve(refund.id)
    v1.checkout.sessions.expire(checkout(shop, customer, catalog.pack, "payment").id)
    method = v1.customers.payment_methods.list(customer).data[0].id
    charge = {"amount": 2000, "currency": "usd", "customer": customer, "payment_method": method}
    v1.payment_intents.create(
        {
            **charge,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "confirm": True,
            "off_session": True,
        }
    )
    items = [{"price": catalog.basic, "quantity": 1}]
    begun = {"customer": customer, "items": items, "default_payment_method": method, "metadata": {"a": "b"}}
    v1.subscriptions.create({**begun, "payment_behavior": "error_if_incomplete"})
    waiting = v1.payment_intents.create({"amount": 2000, "currency": "usd", "customer": customer})
    v1.payment_intents.cancel(waiting.id)
    made = v1.payment_methods.create({"type": "card", "card": {"number": "4242424242424242"}})
    v1.payment_methods.attach(made.id, {"customer": customer})
    v1.payment_methods.detach(made.id)


def _disputer(shop: OpenShop, catalog: Catalog) -> None:
    """Dispute three payments: one won, one lost, one given up."""
    v1 = shop.v1
    customer = _customer(shop, "disputer")
    for _ in range(3):
        shop.pay(checkout(shop, customer, catalog.pack, "payment").url, counter.DISPUTED)
    won, lost, closed = v1.disputes.list().data
    for dispute, text in ((won, "winning_evidence"), (lost, "losing_evidence")):
        v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": text}, "submit": True})
    v1.disputes.close(closed.id)


def _operator(shop: OpenShop, catalog: Catalog) -> None:
    """Change the catalogue, keep house."""
    v1 = shop.v1
    v1.products.update(catalog.product, {"description": "All of it", "metadata": {"a": "b"}})
    v1.prices.update(catalog.pack, {"active": False, "metadata": {"a": "b"}})
    v1.coupons.create({"id": "gone", "amount_off": 100, "currency": "usd"})
    v1.coupons.delete("gone")
    code = v1.promotion_codes.list({"active": True}).data[0]
    v1.promotion_codes.update(code.id, {"active": False})
    endpoint = v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["invoice.paid"]})
    v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
    v1.webhook_endpoints.delete(endpoint.id)
    v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["invoice.paid"]})


def _traveller(shop: OpenShop, catalog: Catalog) -> None:
    """Live by a test clock, with a downgrade that comes true."""
    v1 = shop.v1
    clocks = v1.test_helpers.test_clocks
    clock = clocks.create({"frozen_time": 1_800_000_000, "name": "a year"})
    customer = _customer(shop, "traveller", test_clock=clock.id)
    subscription = subscribe(shop, customer, catalog.pro)
    schedule = v1.subscription_schedules.create({"from_subscription": subscription.id})
    first = {"items": [{"price": catalog.pro}], "end_date": schedule.phases[0].end_date}
    v1.subscription_schedules.update(schedule.id, {"phases": [first, {"items": [{"price": catalog.basic}]}]})
    clocks.advance(clock.id, {"frozen_time": 1_800_000_000 + 70 * 86400})
    clocks.delete(clocks.create({"frozen_time": 1_800_000_000}).id)


def _reader(shop: OpenShop, catalog: Catalog) -> None:
    """Retrieve and list whatever there is."""
    v1 = shop.v1
    services = (
        *(v1.products, v1.prices, v1.coupons, v1.promotion_codes, v1.customers, v1.checkout.sessions),
        *(v1.subscriptions, v1.subscription_schedules, v1.invoices, v1.payment_intents, v1.charges, v1.refunds),
        *(v1.disputes, v1.events, v1.webhook_endpoints, v1.test_helpers.test_clocks),
        v1.billing_portal.configurations,
    )
    for service in services:
        service.retrieve(service.list({"limit": 3}).data[0].id)
    customer = v1.charges.list().data[0].customer
    v1.payment_methods.retrieve(v1.payment_methods.list({"customer": customer}).data[0].id)
    invoice = v1.invoices.list({"expand": ["data.payments", "data.discounts"]}).data[0]
    v1.invoice_payments.list({"invoice": invoice.id, "expand": ["data.payment.payment_intent"]})
    v1.charges.list({"expand": ["data.refunds", "data.customer", "data.payment_intent"]})
