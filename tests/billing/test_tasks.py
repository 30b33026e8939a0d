"""What the schedule runs."""

import importlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail

from billing import grants, purchases, tasks
from billing.models import Reconciliation
from tests.billing import till
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user, make_wallet


@pytest.mark.django_db
def test_the_sweep_grants_and_expires_what_is_due_once() -> None:
    with time_machine.travel(datetime(2027, 1, 31, tzinfo=UTC), tick=False) as clock:
        grants.start_monthly_credits(make_user())
        make_wallet(5, expires_at=datetime(2027, 2, 1, tzinfo=UTC))
        clock.shift(timedelta(days=30))
        nothing = {"ended": 0, "granted": 0, "paid": 0, "expired": 0, "collected": 0, "invites": 0}
        assert tasks.sweep() == {**nothing, "granted": 1, "expired": 1}
        assert tasks.sweep() == nothing


@pytest.mark.django_db
def test_events_mails_and_the_nightly_comparison_are_tasks(gateway_shop: OpenShop) -> None:
    user = make_user()
    gateway_shop.pay(purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4()))
    assert tasks.process_events() == {}
    tasks.reconcile()
    assert Reconciliation.objects.get().error == ""
    assert till.where(user) == ("starter", 3000)
    mail.outbox.clear()
    assert tasks.send_notices() == 1
    assert mail.outbox[0].to == [user.email]


@pytest.mark.django_db
def test_without_a_shop_there_is_nothing_to_compare(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    tasks.reconcile()
    assert not Reconciliation.objects.exists()


def test_what_is_scheduled_can_be_called() -> None:
    for path, minutes in tasks.SCHEDULES:
        module, _, name = path.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name))
        assert minutes >= 1
