"""Operators read what came from the shop and have it processed again."""

import json
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing import plans, purchases
from billing.models import Payment, Product, Reconciliation, StripeEvent
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

LIST = "/admin/billing/stripeevent/"


def again(client: Client, *event_ids: str) -> str:
    return words(client.post(LIST, {"action": "process_again", "_selected_action": event_ids}, follow=True))


def missed(shop: OpenShop) -> StripeEvent:
    """Return the event of a pack that was paid, kept here and not yet processed."""
    plans.sync()
    [pack, *_] = plans.offered_packs(Product.API)
    shop.pay(purchases.start_pack(make_user(), pack, form_key=uuid4()))
    [paid] = shop.events("invoice.paid")
    facts = {"type": paid["type"], "object_type": "invoice", "object_id": paid["data"]["object"]["id"]}
    payload = json.loads(json.dumps(paid, default=str))
    return StripeEvent.objects.create(event_id=paid["id"], payload=payload, created_at=timezone.now(), **facts)


def test_the_payload_is_shown_as_it_came(operator: Client) -> None:
    payload = {"data": {"object": {"name": "<b>Grün</b>"}}}
    event = StripeEvent.objects.create(event_id="evt_1", payload=payload, created_at=timezone.now(), note="Went wrong")
    text = words(operator.get(reverse("admin:billing_stripeevent_change", args=[event.pk])))
    assert "&lt;b&gt;Grün&lt;/b&gt;" in text
    assert "<b>Grün</b>" not in text
    assert "Went wrong" in text


def test_an_event_is_processed_again(operator: Client, gateway_shop: OpenShop) -> None:
    event = missed(gateway_shop)
    StripeEvent.objects.filter(pk=event.pk).update(status=StripeEvent.Status.FAILED)
    text = again(operator, event.pk)
    event.refresh_from_db()
    assert event.status == StripeEvent.Status.DONE
    assert "processed" in text
    assert Payment.objects.get().payment_id == event.object_id
    again(operator, event.pk)
    assert Payment.objects.count() == 1


def test_a_shop_that_is_down_is_said(operator: Client, gateway_shop: OpenShop, settings: LazySettings) -> None:
    event = missed(gateway_shop)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert "messagelist" in again(operator, event.pk)
    event.refresh_from_db()
    assert event.status in StripeEvent.OPEN


def test_who_may_only_look_cannot_process(gateway_shop: OpenShop) -> None:
    event = missed(gateway_shop)
    before = event.status
    user = make_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_stripeevent"))
    client = visitor(User.objects.get(pk=user.pk))
    assert "process_again" not in words(client.get(LIST))
    again(client, event.pk)
    event.refresh_from_db()
    assert event.status == before


def test_a_comparison_shows_what_it_healed(operator: Client) -> None:
    row = Reconciliation.objects.create(since=timezone.now(), healed=["payment in_1 <was> missing"])
    text = words(operator.get(reverse("admin:billing_reconciliation_change", args=[row.pk])))
    assert "payment in_1 &lt;was&gt; missing" in text
