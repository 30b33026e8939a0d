"""Rates on the embedded default's database and on Redis: the same law on both."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import redis
import time_machine
from django.conf import LazySettings
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts import rate_limits
from accounts.rate_limits import Rate, Standing
from tests.generation import workers
from tests.processes import free_port

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
THREADS, PROCESSES, QUOTA = 16, 4, 20


@pytest.fixture(params=["database", "redis"])
def store(request: pytest.FixtureRequest, settings: LazySettings, transactional_db: None) -> Iterator[str]:
    """Keep the buckets in one store after the other."""
    settings.REDIS_URL = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    yield request.param
    rate_limits._redis.cache_clear()


def rate(quota: int = QUOTA, name: str = "key") -> Rate:
    return Rate(name, uuid4().hex, quota)


def passed(standings: list[Standing]) -> bool:
    return not any(standing.wait_seconds for standing in standings)


def take(*rates: Rate) -> bool:
    try:
        return passed(rate_limits.take(rates))
    finally:
        connection.close()


def test_a_quota_is_had_at_once_and_comes_back_steadily(store: str) -> None:
    key = rate(20)  # one every three seconds
    with time_machine.travel(NOON, tick=False) as clock:
        standings = [rate_limits.take([key])[0] for _ in range(20)]
        assert [standing.remaining for standing in standings] == list(range(19, -1, -1))
        assert standings[0].full_in_seconds == 3
        assert standings[-1].full_in_seconds == 60

        refused = rate_limits.take([key])[0]
        assert (refused.remaining, refused.wait_seconds) == (0, 3)
        clock.shift(timedelta(seconds=2))
        assert rate_limits.take([key])[0].wait_seconds == 1
        clock.shift(timedelta(seconds=1))
        assert take(key)
        assert not take(key)
        clock.shift(timedelta(minutes=1))
        assert rate_limits.take([key])[0].remaining == 19


def test_a_request_that_one_rate_refuses_takes_nothing_from_the_others(store: str) -> None:
    key, account = rate(2), rate(100, "account")
    with time_machine.travel(NOON, tick=False):
        for _ in range(50):
            standings = rate_limits.take([key, account])

    assert [standing.rate for standing in standings] == [key, account]
    assert standings[0].wait_seconds == 30
    assert (standings[1].wait_seconds, standings[1].remaining) == (0, 98)


def test_a_refusal_by_the_account_takes_nothing_from_the_key(store: str) -> None:
    key, account = rate(100), rate(2, "account")
    with time_machine.travel(NOON, tick=False):
        for _ in range(10):
            standings = rate_limits.take([key, account])

    assert (standings[0].wait_seconds, standings[0].remaining) == (0, 98)
    assert standings[1].wait_seconds == 30


def test_what_passes_costs_one_query(
    db: None, settings: LazySettings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.REDIS_URL = ""
    rates = [rate(), rate(600, "account"), rate(60, "generate")]
    with django_assert_num_queries(1):
        rate_limits.take(rates)
    with django_assert_num_queries(1):
        rate_limits.take(rates)


def test_threads_together_get_the_quota_and_not_one_more(store: str) -> None:
    key, account = rate(QUOTA), rate(1000, "account")
    with time_machine.travel(NOON, tick=False), ThreadPoolExecutor(THREADS) as threads:
        got = list(threads.map(lambda _: take(key, account), range(200)))

    assert got.count(True) == QUOTA


def test_keys_of_an_account_together_get_the_accounts_quota(store: str) -> None:
    account, keys = rate(QUOTA, "account"), [rate(1000) for _ in range(8)]
    with time_machine.travel(NOON, tick=False), ThreadPoolExecutor(THREADS) as threads:
        got = list(threads.map(lambda number: take(keys[number % 8], account), range(200)))

    assert got.count(True) == QUOTA


def test_processes_together_get_the_quota_and_not_one_more(store: str) -> None:
    context = multiprocessing.get_context("fork")
    key, start, counted = rate(QUOTA), context.Barrier(PROCESSES), context.Queue()

    def take_some() -> None:
        start.wait()
        # All count from one instant, so that nothing comes back while they run.
        with time_machine.travel(NOON, tick=False), ThreadPoolExecutor(4) as threads:
            counted.put(sum(threads.map(lambda _: take(key), range(50))))

    with ExitStack() as stack:
        for child in [stack.enter_context(workers.forked(take_some)) for _ in range(PROCESSES)]:
            workers.await_end(child)
    assert sum(counted.get(timeout=10) for _ in range(PROCESSES)) == QUOTA


def test_a_bucket_that_is_empty_again_leaves_redis(settings: LazySettings, redis_url: str) -> None:
    settings.REDIS_URL = redis_url
    key = rate(20)
    rate_limits.take([key])

    with redis.Redis.from_url(redis_url) as client:
        assert 0 < client.pttl(f"rate:{key.bucket}") <= 3000
    rate_limits._redis.cache_clear()


def test_requests_pass_while_redis_is_away(settings: LazySettings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert passed(rate_limits.take([rate(1)]))
    assert passed(rate_limits.take([rate(1)]))
    rate_limits._redis.cache_clear()
