"""Benchmark (d): the API's requests a second, against a minimal DRF view on the same server."""

import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.comparison import Bound, Outcome, Spread, in_turn, ratios_of
from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place, minimal, serving
from benchmarks.visitors import rich_visitors
from tests.debian import find_binary

GET_AT_LEAST, POST_AT_LEAST = 0.6, 0.2
_CONNECTIONS = 8
_PLENTY = 10_000_000
# How long half of what POST can do is held up, without one error.
_HOLD_SECONDS = 60.0
_BODY = '{"prompt": "a red apple", "steps": 8}'


@dataclass(frozen=True)
class Rush:
    """How long each turn lasts, and how many pairs there are."""

    seconds: int = 5
    pairs: int = 7
    hold_seconds: float = _HOLD_SECONDS


@dataclass(frozen=True)
class Turn:
    """One side's turn: requests a second of each kind."""

    pair: int
    side: str
    get: float
    post: float


@dataclass(frozen=True)
class _Side:
    get_url: str
    post_url: str
    headers: dict[str, str]


def measure(place: Place, rush: Rush) -> Outcome:
    """(d) Requests a second, site ÷ bare: GET of a status, POST of a run; the lesser of both, each over its bound."""
    wrk = find_binary("wrk", package="wrk")
    loose = {f"API_RATE_{name}": "1000000" for name in ("KEY", "ACCOUNT", "GENERATE")}
    with ExitStack() as stack:
        # Nothing draws meanwhile: what is measured is the web process. Its runs wait, as many as there are.
        site = stack.enter_context(serving(place, "requests", draws=False, API_JOBS_WAITING_MAX="1000000", **loose))
        bare_port = stack.enter_context(minimal(place))
        (visitor,) = rich_visitors(place, site, 1)
        place.manage("grant_credits", visitor.email, str(_PLENTY), "--wallet", "api", "--reason", "for the benchmark")
        key = place.manage("create_api_key", "--user", visitor.email, "--name", "benchmark").split()[-1]
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        url = f"http://127.0.0.1:{site.port}/v1/diffusions"
        first = _post_once(url, headers)
        sides = {
            "site": _Side(f"{url}/{first}", url, headers),
            "bare": _Side(f"http://127.0.0.1:{bare_port}/", f"http://127.0.0.1:{bare_port}/", headers),
        }
        script = place.data_dir / "post.lua"
        turns = list(_turns(wrk, sides, rush, script))
        capacity = Spread.of([turn.post for turn in turns if turn.side == "site"]).median
        held = hold_up(lambda: _post_once(url, headers), capacity / 2, rush.hold_seconds)
    return _outcome(turns, rush, held)


def _turns(wrk: str, sides: dict[str, _Side], rush: Rush, script: Path) -> Iterator[Turn]:
    for side in sides.values():
        _rush(wrk, side, 1, script, is_post=True)  # warm
    for pair, name in in_turn(rush.pairs):
        get = _rush(wrk, sides[name], rush.seconds, script, is_post=False)
        yield Turn(pair, name, get, _rush(wrk, sides[name], rush.seconds, script, is_post=True))


def _rush(wrk: str, side: _Side, seconds: int, script: Path, *, is_post: bool) -> float:
    """Send as many requests as are answered; returns how many a second. Raises: BenchmarkFailed for any refusal."""
    command = [wrk, "--threads=1", f"--connections={_CONNECTIONS}", f"--duration={seconds}s"]
    command += [f"--header={name}: {value}" for name, value in side.headers.items()]
    if is_post:
        script.write_text(f"wrk.method = 'POST'\nwrk.body = '{_BODY}'\n")
        command.append(f"--script={script}")
    done = subprocess.run(
        [*command, side.post_url if is_post else side.get_url], capture_output=True, text=True, check=True
    )
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if found is None or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise BenchmarkFailed(f"wrk was refused:\n{done.stdout}{done.stderr}")
    return float(found[1])


def hold_up(send: Callable[[], Any], rate: float, seconds: float) -> dict[str, float]:
    """Send at an even rate for a time. Returns how many were sent, and how many failed."""
    began = time.monotonic()
    total = int(rate * seconds)
    lock = threading.Lock()
    count = {"next": 0, "failed": 0}

    def work() -> None:
        while True:
            with lock:
                number = count["next"]
                count["next"] += 1
            if number >= total:
                return
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            try:
                send()
            except (OSError, BenchmarkFailed):
                with lock:
                    count["failed"] += 1

    threads = [threading.Thread(target=work) for _ in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"rate": rate, "sent": total, "failed": count["failed"], "seconds": time.monotonic() - began}


def _post_once(url: str, headers: dict[str, str]) -> str:
    request = urllib.request.Request(url, _BODY.encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read().decode()
    except urllib.error.HTTPError as error:
        raise BenchmarkFailed(f"POST was answered {error.code}: {error.read()[:500]!r}") from None
    return str(re.findall(r'"id": ?"([^"]+)"', body)[0])


def _outcome(turns: list[Turn], rush: Rush, held: dict[str, float]) -> Outcome:
    site, bare = ([turn for turn in turns if turn.side == side] for side in ("site", "bare"))
    get = ratios_of(site, bare, lambda turn: turn.get)
    post = ratios_of(site, bare, lambda turn: turn.post)
    if held["failed"]:
        raise BenchmarkFailed(f"{held['failed']:.0f} of {held['sent']:.0f} POSTs failed at half the measured rate")
    # Each ratio as a share of its bound; the lesser of both is judged.
    shares = [min(one / GET_AT_LEAST, other / POST_AT_LEAST) for one, other in zip(get, post, strict=True)]
    judged = min(Spread.of(get).median / GET_AT_LEAST, Spread.of(post).median / POST_AT_LEAST)
    lines = [
        f"GET status: {Spread.of(get)} of the bare view (bound at least {GET_AT_LEAST:g})",
        f"POST: {Spread.of(post)} of the bare view (bound at least {POST_AT_LEAST:g})",
        f"site: {Spread.of([turn.get for turn in site]).median:.0f} GET and"
        f" {Spread.of([turn.post for turn in site]).median:.0f} POST a second",
        f"bare: {Spread.of([turn.get for turn in bare]).median:.0f} GET and"
        f" {Spread.of([turn.post for turn in bare]).median:.0f} POST a second",
        f"half of that held: {held['sent']:.0f} POSTs in {held['seconds']:.0f} s, {held['failed']:.0f} failed",
    ]
    details = {"rush": asdict(rush), "turns": [asdict(turn) for turn in turns], "held": held}
    title = "requests a second ÷ a minimal DRF view on the same server, as shares of their bounds, the lesser"
    return Outcome("d", title, Bound(1.0, is_ceiling=False), shares, judged, lines, details)
