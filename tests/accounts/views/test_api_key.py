from datetime import UTC, datetime

import pytest
import time_machine

from accounts import api_keys
from accounts.models import ApiKey
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

FILLED = {"name": "Server", "scopes": ["read"]}


@pytest.fixture
def key() -> ApiKey:
    return api_keys.create(make_user(time_zone="Asia/Tokyo"), "Laptop", daily_cap=5)[0]


def page(key: ApiKey) -> str:
    return f"/settings/api-keys/{key.pk}/"


def test_anonymous_people_log_in_first(key: ApiKey) -> None:
    assert_sent_to_login(visitor().get(page(key)), page(key))


def test_a_stranger_finds_and_changes_nothing(key: ApiKey) -> None:
    stranger = visitor(make_user())
    assert stranger.get(page(key)).status_code == 404
    assert stranger.post(page(key), FILLED).status_code == 404
    key.refresh_from_db()
    assert key.name == "Laptop"


def test_its_owner_sees_it_as_it_stands(key: ApiKey) -> None:
    text = words(visitor(key.user).get(page(key)))
    assert 'name="daily_cap" type="number" inputmode="numeric" min="1" value="5"' in text
    assert key.digest not in text


def test_changes_are_saved_and_said(key: ApiKey) -> None:
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC)):
        values = {**FILLED, "monthly_cap": "900", "networks": "203.0.113.0/24", "expires_on": "2026-11-30"}
        answer = visitor(key.user).post(page(key), values, follow=True)

        key.refresh_from_db()
        assert (key.name, key.scopes, key.daily_cap, key.monthly_cap) == ("Server", ["read"], None, 900)
        assert key.allowed_networks == ["203.0.113.0/24"]
        # The end of the 30th in Tokyo.
        assert key.expires_at == datetime(2026, 11, 30, 15, tzinfo=UTC)
        assert "Key saved." in words(answer)
        assert 'type="date" value="2026-11-30"' in words(answer)


def test_a_refused_change_changes_nothing_and_keeps_what_was_typed(key: ApiKey) -> None:
    answer = visitor(key.user).post(page(key), {**FILLED, "networks": "office"})

    key.refresh_from_db()
    assert (answer.status_code, key.name) == (422, "Laptop")
    assert ">office</textarea>" in words(answer)


def test_a_revoked_key_has_no_page(key: ApiKey) -> None:
    api_keys.revoke(key)
    assert visitor(key.user).get(page(key)).status_code == 404
