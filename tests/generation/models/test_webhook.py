from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError
from django.utils import timezone

from generation import sealing, webhooks
from generation.models import Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.factories import make_user
from tests.generation.api.calling import make_program
from tests.generation.api.told import finished, make_endpoint

pytestmark = pytest.mark.django_db


def test_one_secret_signs_but_during_an_overlap() -> None:
    now = timezone.now()
    new, old = sealing.seal("new"), sealing.seal("old")
    endpoint = WebhookEndpoint(
        sealed_secret=new, sealed_previous_secret=old, previous_secret_until=now + timedelta(hours=1)
    )

    assert endpoint.secrets_at(now) == ["new", "old"]
    assert endpoint.secrets_at(now + timedelta(hours=1)) == ["new"]
    assert WebhookEndpoint(sealed_secret=new).secrets_at(now) == ["new"]


def test_no_row_has_a_secret_that_can_be_read() -> None:
    endpoint = make_endpoint()
    webhooks.rotate(endpoint)

    [row] = WebhookEndpoint.objects.values()

    assert "whsec_" not in str(row)
    assert endpoint.secret.removeprefix("whsec_") not in str(row)


def test_secrets_that_lay_open_are_sealed_in_place_and_back() -> None:
    migration = import_module("generation.migrations.0011_seal_webhook_secrets")
    endpoint = make_endpoint()
    plain = {"sealed_secret": "whsec_new", "sealed_previous_secret": "whsec_old"}
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    rows.update(**plain)

    migration.seal(apps, None)
    migration.seal(apps, None)

    sealed = rows.get()
    assert sealed.secret == "whsec_new"
    assert sealing.unseal(sealed.sealed_previous_secret) == "whsec_old"
    migration.unseal(apps, None)
    assert rows.values(*plain).get() == plain


def test_a_person_sees_their_own_endpoints_and_messages_alone() -> None:
    endpoint = make_endpoint()
    delivery = webhooks.send_test(endpoint)
    stranger = make_user()

    assert list(WebhookEndpoint.objects.visible_to(endpoint.user)) == [endpoint]
    assert list(WebhookDelivery.objects.visible_to(endpoint.user)) == [delivery]
    assert not WebhookEndpoint.objects.visible_to(stranger)
    assert not WebhookDelivery.objects.visible_to(stranger)


def test_due_is_what_waits_for_an_endpoint_that_is_on() -> None:
    now = timezone.now()
    endpoint = make_endpoint()
    early, late, done = (webhooks.send_test(endpoint) for _ in range(3))
    WebhookDelivery.objects.filter(pk=late.pk).update(due_at=now + timedelta(minutes=1))
    WebhookDelivery.objects.filter(pk=done.pk).update(status="delivered", ended_at=now)

    assert list(WebhookDelivery.objects.due(timezone.now())) == [early]
    WebhookEndpoint.objects.update(off=WebhookEndpoint.Off.OWNER)
    assert not WebhookDelivery.objects.due(timezone.now())


def test_an_endpoint_is_told_once_of_each_event() -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)
    job = finished(program)

    with pytest.raises(IntegrityError, match=r"webhook_told_once|UNIQUE"):
        WebhookDelivery.objects.create(endpoint=endpoint, job=job, event=Event.FINISHED)


def test_what_has_ended_says_when() -> None:
    endpoint = make_endpoint()

    with pytest.raises(IntegrityError, match="webhook_delivery_ended_has_time"):
        WebhookDelivery.objects.create(endpoint=endpoint, event=Event.TEST, status="delivered")


@pytest.mark.parametrize(
    ("status", "is_accepted"), [(200, True), (299, True), (300, False), (404, False), (None, False)]
)
def test_a_try_is_accepted_by_2xx(status: int | None, is_accepted: bool) -> None:
    assert WebhookAttempt(status_code=status).is_accepted is is_accepted
