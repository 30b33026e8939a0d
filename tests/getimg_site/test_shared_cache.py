"""The cache on Redis: it keeps while Redis answers, and is empty, quick and forgiving while Redis does not."""

import time
from collections.abc import Iterator

import pytest
from allauth.core.internal.ratelimit import cache_lock
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from getimg_site import shared_cache
from tests.processes import free_port

BACKEND = "getimg_site.shared_cache.ForgivingRedisCache"


def on(url: str) -> dict[str, dict[str, object]]:
    """Return the setting."""
    return {"default": {"BACKEND": BACKEND, "LOCATION": url, "OPTIONS": {"socket_connect_timeout": 1}}}


@pytest.fixture(autouse=True)
def _asks_anew() -> Iterator[None]:
    yield
    shared_cache._away_until = 0.0


@pytest.fixture
def _away(settings: LazySettings) -> None:
    settings.CACHES = on(f"redis://127.0.0.1:{free_port()}/0")


def test_redis_keeps(redis_url: str, settings: LazySettings) -> None:
    settings.CACHES = on(redis_url)
    cache.set("a", [1])
    assert cache.get("a") == [1]
    assert not cache.add("a", 2)
    cache.set("n", 1)
    assert cache.incr("n") == 2
    assert cache.get_many(["a", "n"]) == {"a": [1], "n": 2}
    assert cache.delete("a")
    assert cache.get("a", "nothing") == "nothing"


@pytest.mark.usefixtures("_away")
def test_without_redis_nothing_is_kept_and_nobody_gets_an_error(caplog: pytest.LogCaptureFixture) -> None:
    cache.set("a", 1)
    cache.set_many({"a": 1})
    cache.delete("a")
    cache.delete_many(["a"])
    assert cache.get("a", 2) == 2
    assert cache.get_many(["a"]) == {}
    assert cache.get_or_set("a", lambda: 3) == 3
    assert not cache.has_key("a")
    assert not cache.touch("a")
    with pytest.raises(ValueError, match="cannot be asked for"):
        cache.incr("a")
    assert "cache is away" in caplog.text


@pytest.mark.usefixtures("_away")
def test_without_redis_a_lock_is_given_to_nobody() -> None:
    assert cache.add("a", 1) is False
    # So whoever wants to log in is sent away, who could try words without end if nobody counted.
    with cache_lock("log-in") as locked:
        assert not locked


def test_a_redis_that_does_not_answer_is_asked_once_a_second(settings: LazySettings) -> None:
    # Nobody is there; a packet that comes to nothing, as a host that is cut off, takes the whole time limit.
    settings.CACHES = on("redis://127.0.0.1:1/0")
    cache.get("a")
    began = time.perf_counter()
    for _ in range(1000):
        cache.get("a")
    assert time.perf_counter() - began < 0.5
    assert shared_cache._away_until > time.monotonic()


@pytest.mark.django_db
@pytest.mark.usefixtures("_away")
def test_without_redis_the_site_serves_on(client: Client) -> None:
    assert client.get("/readyz").json()["status"] == "degraded"
    assert client.get("/status/").status_code == 200
