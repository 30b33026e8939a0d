from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from accounts import api_keys
from accounts.models import ApiKey
from billing import ledger
from billing.models import CreditLot, Product
from generation import lifecycle, pricing, usage
from generation.models import Job
from generation.orders import Order
from generation.params import parse_text_to_image
from generation.usage import Use
from tests.factories import make_user
from tests.generation.runs import claim, pictures, submit

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@pytest.fixture
def keys() -> tuple[ApiKey, ApiKey]:
    """Return two keys of a person who has credits for both products."""
    user = make_user()
    for product in Product:
        wallet = ledger.wallet_of(user, product)
        ledger.grant(wallet, 100, source=CreditLot.Source.PURCHASE, key=uuid4().hex, reason="For a test")
    return api_keys.create(user, "Server")[0], api_keys.create(user, "Laptop")[0]


def order(key: ApiKey, num_images: int = 1) -> Job:
    params = parse_text_to_image({"prompt": "a red fox", "num_images": num_images})
    quote = pricing.quote(params)
    return lifecycle.place(Order(key.user, params, quote, params.served().model.slug, uuid4().hex, api_key=key))


def finish(job: Job, *indexes: int) -> None:
    taken = claim().jobs[0]
    assert taken.pk == job.pk
    lifecycle.finish(taken, taken.attempt, pictures(job, *indexes))


def test_what_arrived_is_counted_and_what_is_under_way_is_on_hold(keys: tuple[ApiKey, ApiKey]) -> None:
    with time_machine.travel(NOON):
        finish(order(keys[0], 4), 0, 1, 2)
        order(keys[0], 2)

        assert usage.usage_of(keys[0].user, TODAY, TODAY) == [Use(2, 3, 3, 2, day=TODAY)]


def test_lines_are_by_day_model_and_key(keys: tuple[ApiKey, ApiKey]) -> None:
    server, laptop = keys
    with time_machine.travel(NOON) as clock:
        order(server)
        order(laptop, 2)
        order(laptop)
        clock.shift(timedelta(days=1))
        order(server, 3)

        tomorrow = TODAY + timedelta(days=1)
        by_day = usage.usage_of(server.user, TODAY, tomorrow)
        by_key = usage.usage_of(server.user, TODAY, tomorrow, ["key"])
        by_all = usage.usage_of(server.user, TODAY, tomorrow, ["key", "model", "day"])

    assert by_day == [Use(3, 0, 0, 4, day=TODAY), Use(1, 0, 0, 3, day=tomorrow)]
    assert by_key == [Use(2, 0, 0, 4, key=server), Use(2, 0, 0, 3, key=laptop)]
    assert [(use.day, use.key, use.requests) for use in by_all] == [
        (TODAY, server, 1),
        (TODAY, laptop, 2),
        (tomorrow, server, 1),
    ]
    assert {use.model for use in by_all} == {by_all[0].model}


def test_days_are_utc_and_both_ends_count(keys: tuple[ApiKey, ApiKey]) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC), tick=False) as clock:
        order(keys[0])
        clock.move_to(datetime(2026, 11, 21, tzinfo=UTC))
        order(keys[0])
        clock.move_to(datetime(2026, 11, 22, tzinfo=UTC))
        order(keys[0])

        assert [use.requests for use in usage.usage_of(keys[0].user, TODAY, TODAY)] == [1]


def test_runs_of_the_site_and_of_strangers_are_not_in_it(keys: tuple[ApiKey, ApiKey]) -> None:
    stranger = make_user()
    with time_machine.travel(NOON):
        submit(keys[0].user)
        order(keys[0])

        assert [use.requests for use in usage.usage_of(keys[0].user, TODAY, TODAY)] == [1]
        assert usage.usage_of(stranger, TODAY, TODAY) == []


def test_test_keys_count_at_no_credits(keys: tuple[ApiKey, ApiKey]) -> None:
    test_key = api_keys.create(keys[0].user, "Test", is_test=True)[0]
    with time_machine.travel(NOON):
        finish(order(test_key, 2), 0, 1)

        assert usage.usage_of(test_key.user, TODAY, TODAY) == [Use(1, 2, 0, 0, day=TODAY)]
