"""Many `wait()`s at once, against a small server with few places for those who wait and a rate, as the API has them."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.rules.tree import ROOT

sys.path.insert(0, str(ROOT / "clients" / "python"))

import getimg

# What the API has, in a sixteenth of its seconds.
PLACES = 4
REQUESTS_A_SECOND, BURST = 20, 30
RUN_SECONDS = 1.5
POLL_SECONDS = 1 / 16
CREATED_AT = "2026-01-01T00:00:00.000Z"


@dataclass
class Busy:
    """A run that takes its time, an account's places for waiters, and a bucket that fills evenly."""

    url: str = ""
    over_at: float = field(default_factory=lambda: time.monotonic() + RUN_SECONDS)
    places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(PLACES))
    lock: threading.Lock = field(default_factory=threading.Lock)
    tokens: float = BURST
    filled_at: float = field(default_factory=time.monotonic)
    refused: int = 0

    def take(self) -> float:
        """Take one request from the bucket; returns after how many seconds there is one, 0 where it was taken."""
        with self.lock:
            now = time.monotonic()
            self.tokens = min(BURST, self.tokens + (now - self.filled_at) * REQUESTS_A_SECOND)
            self.filled_at = now
            if self.tokens >= 1:
                self.tokens -= 1
                return 0.0
            self.refused += 1
            return (1 - self.tokens) / REQUESTS_A_SECOND

    def look(self, *, is_waiting: bool) -> dict[str, Any]:
        """Return the run; when it is over, where that is asked for and a place is free."""
        if is_waiting and self.places.acquire(blocking=False):
            time.sleep(max(0.0, self.over_at - time.monotonic()))
            self.places.release()
        status = "FINISHED" if time.monotonic() >= self.over_at else "PROCESSING"
        return {"id": "d1", "status": status, "createdAt": CREATED_AT}


@pytest.fixture
def busy() -> Iterator[Busy]:
    state = Busy()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wait = state.take()
            body = {"error": {"code": "rate_limited"}} if wait else state.look(is_waiting="Prefer" in self.headers)
            text = json.dumps(body).encode()
            self.send_response(429 if wait else 200)
            if wait:
                self.send_header("Retry-After", f"{wait:.3f}")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        state.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield state
        http.shutdown()
        thread.join()


def test_many_may_wait_at_once(busy: Busy) -> None:
    with getimg.Client("k", base_url=busy.url) as client, ThreadPoolExecutor(40) as threads:
        first = client.diffusions.get("d1")
        waiters = [getimg.Diffusion(client, first.facts) for _ in range(40)]
        busy.over_at = time.monotonic() + RUN_SECONDS
        told = list(threads.map(lambda one: one.wait(60, poll_seconds=POLL_SECONDS), waiters))

    assert {one.status for one in told} == {"FINISHED"}
    assert busy.refused, "the rate was never reached: the test says nothing"
