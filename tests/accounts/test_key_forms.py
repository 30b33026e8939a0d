from datetime import UTC, datetime

import pytest
import time_machine

from accounts import api_keys
from accounts.key_forms import KeyForm, NewKeyForm
from accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


def form(user: User, **values: object) -> NewKeyForm:
    return NewKeyForm(user, {"name": "Server", "kind": "test", "scopes": ["read"], **values})


def test_the_last_day_is_the_persons_own() -> None:
    tokyo = make_user(time_zone="Asia/Tokyo")
    with time_machine.travel(EVENING, tick=False):
        assert not form(tokyo, expires_on="2026-11-21").is_valid()  # it is the 22nd there
        filled = form(tokyo, expires_on="2026-11-22")
        assert filled.is_valid()
    assert filled.facts["expires_at"] == datetime(2026, 11, 22, 15, tzinfo=UTC)


def test_a_key_goes_through_its_form_unchanged() -> None:
    key, _ = api_keys.create(
        make_user(time_zone="America/New_York"),
        "Server",
        scopes=["read", "webhooks"],
        expires_at=datetime(2026, 12, 1, 5, tzinfo=UTC),
        allowed_networks=["203.0.113.0/24", "2001:db8::/32"],
        monthly_cap=7,
    )
    shown = KeyForm.of(key)
    with time_machine.travel(EVENING, tick=False):
        sent = KeyForm(key.user, {name: shown[name].value() or "" for name in shown.fields})
        assert sent.is_valid(), sent.errors
    assert sent.facts == {
        "name": key.name,
        "scopes": key.scopes,
        "expires_at": key.expires_at,
        "allowed_networks": key.allowed_networks,
        "daily_cap": None,
        "monthly_cap": 7,
    }


def test_networks_stand_one_a_line_or_with_commas_and_none_twice() -> None:
    filled = form(make_user(), networks="203.0.113.7,203.0.113.7/32\n\n 2001:db8::/32 ")
    assert filled.is_valid()
    assert filled.facts["allowed_networks"] == ["203.0.113.7/32", "2001:db8::/32"]


def test_more_than_fifty_networks_are_refused_with_their_number() -> None:
    filled = form(make_user(), networks=" ".join(f"203.0.113.{number}" for number in range(51)))
    assert filled.errors["networks"] == ["50 networks at most; these are 51."]
