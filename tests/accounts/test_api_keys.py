from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts import api_keys, key_text
from accounts.errors import KeyEnded, KeyRefused, Refusal, TooManyKeys
from accounts.models import ApiKey, Scope
from tests.factories import make_user

pytestmark = pytest.mark.django_db

HERE = "203.0.113.9"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def refusal_of(text: str, address: str = HERE) -> Refusal:
    with pytest.raises(KeyRefused) as caught:
        api_keys.verify(text, address)
    return caught.value.reason


def test_a_key_opens_for_its_owner_and_its_text_is_stored_nowhere() -> None:
    user = make_user()

    key, text = api_keys.create(user, "Server")

    found = api_keys.verify(text, HERE)
    assert (found, found.user) == (key, user)
    assert found.scopes == ["generate", "read", "delete", "webhooks"]
    row = str(ApiKey.objects.filter(pk=key.pk).values().get())
    assert text not in row
    assert text[14:] not in row
    assert key_text.digest_of(text) in row


def test_a_key_keeps_its_limits() -> None:
    key, _ = api_keys.create(
        make_user(),
        "Server",
        is_test=True,
        scopes=[Scope.READ],
        allowed_networks=["203.0.113.7"],
        daily_cap=10,
        monthly_cap=100,
    )

    key.refresh_from_db()
    assert (key.is_test, key.scopes, key.allowed_networks) == (True, ["read"], ["203.0.113.7/32"])
    assert (key.daily_cap, key.monthly_cap) == (10, 100)
    assert key.may(Scope.READ)
    assert not key.may(Scope.GENERATE)


def test_a_bad_checksum_is_refused_without_a_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    _, text = api_keys.create(make_user(), "Server")
    last = "a" if text[-1] != "a" else "b"

    with django_assert_num_queries(0):
        assert refusal_of(text[:-1] + last) == Refusal.UNKNOWN
        assert refusal_of("x" * 10_000) == Refusal.UNKNOWN


def test_a_good_key_costs_one_query_and_its_use_is_written_once_a_minute(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    key, text = api_keys.create(make_user(), "Server")
    with time_machine.travel(NOON, tick=False) as clock:
        with django_assert_num_queries(2):
            api_keys.verify(text, HERE)
        clock.shift(timedelta(seconds=59))
        with django_assert_num_queries(1):
            api_keys.verify(text, HERE)
        key.refresh_from_db()
        assert key.last_used_at == NOON
        clock.shift(timedelta(seconds=1))
        with django_assert_num_queries(2):
            api_keys.verify(text, HERE)
        key.refresh_from_db()
        assert key.last_used_at == NOON + timedelta(minutes=1)


def test_an_unknown_key_and_one_of_somebody_who_may_not_come_in_read_the_same() -> None:
    user = make_user()
    _, text = api_keys.create(user, "Server")
    user.is_active = False
    user.save()

    assert refusal_of(text) == refusal_of(key_text.make(is_test=False)) == Refusal.UNKNOWN


def test_a_revoked_key_is_refused_at_once() -> None:
    key, text = api_keys.create(make_user(), "Server")
    api_keys.verify(text, HERE)

    assert api_keys.revoke(key)

    assert refusal_of(text) == Refusal.REVOKED
    assert not api_keys.revoke(key)


def test_a_key_ends_when_it_says() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        _, text = api_keys.create(make_user(), "Server", expires_at=NOON + timedelta(days=1))
        clock.shift(timedelta(hours=23, minutes=59))
        api_keys.verify(text, HERE)
        clock.shift(timedelta(minutes=1))
        assert refusal_of(text) == Refusal.EXPIRED


def test_a_key_opens_only_from_the_networks_it_names() -> None:
    _, text = api_keys.create(make_user(), "Server", allowed_networks=["203.0.113.0/24", "2001:db8::/32"])

    api_keys.verify(text, HERE)
    api_keys.verify(text, "2001:db8::1")
    assert refusal_of(text, "198.51.100.1") == Refusal.NETWORK
    assert refusal_of(text, "") == Refusal.NETWORK


def test_after_a_rotation_both_texts_open_until_the_overlap_is_over() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        key, old = api_keys.create(make_user(), "Server", daily_cap=10)
        new = api_keys.rotate(key)

        assert api_keys.verify(old, HERE) == api_keys.verify(new, HERE) == key
        assert (key.prefix, key.daily_cap) == (key_text.prefix_of(new), 10)
        clock.shift(timedelta(hours=24))
        assert refusal_of(old) == Refusal.REPLACED
        api_keys.verify(new, HERE)


def test_a_rotation_without_overlap_ends_the_old_text_at_once() -> None:
    key, old = api_keys.create(make_user(), "Server")
    new = api_keys.rotate(key, overlap=timedelta(0))

    assert refusal_of(old) == Refusal.REPLACED
    api_keys.verify(new, HERE)


def test_a_second_rotation_ends_the_oldest_text() -> None:
    key, first = api_keys.create(make_user(), "Server")
    second = api_keys.rotate(key)
    third = api_keys.rotate(key)

    assert refusal_of(first) == Refusal.UNKNOWN
    api_keys.verify(second, HERE)
    api_keys.verify(third, HERE)


def test_revoking_ends_the_old_text_too() -> None:
    key, old = api_keys.create(make_user(), "Server")
    new = api_keys.rotate(key)
    api_keys.revoke(key)

    assert refusal_of(old) == refusal_of(new) == Refusal.REVOKED


def test_a_key_that_has_ended_is_not_rotated() -> None:
    key, _ = api_keys.create(make_user(), "Server")
    api_keys.revoke(key)

    with pytest.raises(KeyEnded):
        api_keys.rotate(key)


def test_a_person_has_fifty_working_keys_at_most() -> None:
    user = make_user()
    keys = [api_keys.create(user, f"Key {number}")[0] for number in range(50)]

    with pytest.raises(TooManyKeys, match="50"):
        api_keys.create(user, "One more")

    api_keys.revoke(keys[0])
    api_keys.create(user, "One more")
    assert api_keys.working(user).count() == 50
