"""The queue's broker on Redis: it waits for one that is away, and never longer than it says."""

import socket
import time

import pytest
from django_q.conf import Conf
from redis import RedisError

from getimg_site import redis_broker
from getimg_site.redis_broker import PatientRedis
from tests.processes import free_port


@pytest.fixture(autouse=True)
def _short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_broker, "_PAUSE_SECONDS", 0.05)


def test_tasks_come_in_order(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conf, "REDIS", redis_url)
    broker = PatientRedis(list_key="test_order")
    broker.enqueue("one")
    broker.enqueue("two")
    assert broker.queue_size() == 2
    assert [task for _ in range(2) for _, task in broker.dequeue()] == [b"one", b"two"]


def test_without_redis_a_cluster_goes_on_asking(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Conf, "REDIS", f"redis://127.0.0.1:{free_port()}/0")
    broker = PatientRedis(list_key="test_away")
    assert broker.dequeue() == []
    assert "queue cannot look" in caplog.text
    broker.set_stat("a", "b", 3)
    # Whoever rings is told: the doorbell leaves it to the reaper.
    with pytest.raises(RedisError):
        broker.enqueue("one")


def test_a_redis_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_broker, "_ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(Conf, "REDIS", f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        broker = PatientRedis(list_key="test_silent")
        began = time.monotonic()
        assert broker.dequeue() == []
        assert time.monotonic() - began < 5
