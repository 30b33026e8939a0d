from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts import api_keys
from accounts.models import ApiKey, User
from billing import ledger
from billing.audit import audit
from billing.models import CreditLot, Product
from generation import lifecycle, pricing, spend_caps
from generation.errors import SpendCapReached
from generation.models import Job
from generation.orders import Order
from generation.params import parse_text_to_image
from tests.factories import make_user
from tests.generation.runs import claim, pictures

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def make_key(user: User | None = None, *, credits: int = 1000, **facts: Any) -> ApiKey:
    user = user or make_user()
    wallet = ledger.wallet_of(user, Product.API)
    ledger.grant(wallet, credits, source=CreditLot.Source.PURCHASE, key=uuid4().hex, reason="For a test")
    return api_keys.create(user, "For a test", **facts)[0]


def order(key: ApiKey, num_images: int = 1) -> Job:
    params = parse_text_to_image({"prompt": "a red fox", "num_images": num_images})
    quote = pricing.quote(params)
    return lifecycle.place(Order(key.user, params, quote, params.served().model.slug, uuid4().hex, api_key=key))


def spent(key: ApiKey) -> dict[str, int]:
    return {cap.period: cap.spent for cap in spend_caps.caps_of(key)}


@pytest.mark.django_db
def test_a_key_without_a_cap_costs_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    key = make_key()
    with django_assert_num_queries(0):
        spend_caps.refuse_over_cap(key, 10**6)


@pytest.mark.django_db
def test_a_run_that_would_go_over_the_days_cap_is_refused_and_charges_nothing() -> None:
    key = make_key(daily_cap=5)
    with time_machine.travel(NOON, tick=False):
        order(key, 4)
        with pytest.raises(SpendCapReached) as caught:
            order(key, 2)
        assert (caught.value.period, caught.value.left, caught.value.cap) == ("day", 1, 5)
        assert caught.value.resets_at == datetime(2026, 11, 22, tzinfo=UTC)
        assert ledger.available(ledger.wallet_of(key.user, Product.API)) == 996
        order(key, 1)
        assert spent(key) == {"day": 5}
    assert list(audit()) == []


@pytest.mark.django_db
def test_the_day_begins_anew_and_the_month_goes_on() -> None:
    key = make_key(daily_cap=5, monthly_cap=7)
    with time_machine.travel(NOON, tick=False) as clock:
        order(key, 5)
        clock.shift(timedelta(days=1))
        order(key, 2)
        with pytest.raises(SpendCapReached) as caught:
            order(key, 1)
        assert (caught.value.period, caught.value.resets_at) == ("month", datetime(2026, 12, 1, tzinfo=UTC))
        clock.move_to(datetime(2026, 12, 1, tzinfo=UTC))
        order(key, 5)


@pytest.mark.django_db
def test_what_was_given_back_can_be_spent_again() -> None:
    key = make_key(daily_cap=4)
    first = order(key, 4)
    assert spent(key) == {"day": 4}

    taken = claim().jobs[0]
    lifecycle.finish(taken, taken.attempt, pictures(first, 0), reason="memory")
    assert spent(key) == {"day": 1}

    second = order(key, 3)
    lifecycle.cancel(second)
    assert spent(key) == {"day": 1}


@pytest.mark.django_db
def test_each_key_of_an_account_has_its_own_cap() -> None:
    first = make_key(daily_cap=2)
    second = make_key(first.user, daily_cap=2)
    order(first, 2)
    order(second, 2)
    with pytest.raises(SpendCapReached):
        order(first)


@pytest.mark.django_db
def test_a_test_key_spends_nothing() -> None:
    key = make_key(is_test=True, daily_cap=1)
    order(key, 4)
    assert spent(key) == {"day": 0}


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_once_exactly_what_the_cap_allows_is_made() -> None:
    key = make_key(daily_cap=7)

    def try_one(_: int) -> bool:
        try:
            order(key)
        except SpendCapReached:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(try_one, range(24)))

    assert made.count(True) == 7
    assert spent(key) == {"day": 7}
    assert list(audit()) == []
