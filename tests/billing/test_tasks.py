"""The sweep that the schedule runs each minute."""

import importlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from billing import grants, tasks
from tests.factories import make_user, make_wallet


@pytest.mark.django_db
def test_the_sweep_grants_and_expires_what_is_due_once() -> None:
    with time_machine.travel(datetime(2027, 1, 31, tzinfo=UTC), tick=False) as clock:
        grants.start_monthly_credits(make_user())
        make_wallet(5, expires_at=datetime(2027, 2, 1, tzinfo=UTC))
        clock.shift(timedelta(days=30))
        assert tasks.sweep() == {"granted": 1, "expired": 1}
        assert tasks.sweep() == {"granted": 0, "expired": 0}


def test_what_is_scheduled_can_be_called() -> None:
    for path, minutes in tasks.SCHEDULES:
        module, _, name = path.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name))
        assert minutes >= 1
