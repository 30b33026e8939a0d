"""Benchmark (d): the API's requests a second, against a minimal DRF view on the same server."""

import itertools
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import psutil
import psycopg

from benchmarks import cpu
from benchmarks.comparison import Bound, Outcome, Part, Spread, is_smaller, orders, ratios_of
from benchmarks.errors import BenchmarkFailed
from benchmarks.programs import LOOSE, keys_of
from benchmarks.site import Place, minimal, serving
from benchmarks.visitors import rich_visitors
from tests.debian import find_binary

GET_AT_LEAST, POST_AT_LEAST = 0.6, 0.2
# Of the rate that is to be held: what is answered more slowly than it is sent is not held, however patient one is.
HELD_AT_LEAST = 0.95
_CONNECTIONS = 8
# How long half of what POST can do is held up, without one error.
_HOLD_SECONDS = 60.0
_BODY = '{"prompt": "a red apple", "steps": 8}'
# As `benchmarks.minimal` says, which can't be imported here: it is a server.
_TABLE = """
    CREATE TABLE IF NOT EXISTS benchmark_diffusion
    (id uuid PRIMARY KEY, prompt text NOT NULL, status varchar(10) NOT NULL, created_at timestamptz NOT NULL)
"""
_LUA = """
local keys, number = {KEYS}, 0
wrk.method, wrk.body = "POST", 'BODY'
function request()
    number = number + 1
    wrk.headers["Authorization"] = "Bearer " .. keys[number % #keys + 1]
    return wrk.format()
end
"""

Kind = Literal["get", "post"]


@dataclass(frozen=True)
class Rush:
    """How long each turn lasts, how many pairs there are, and from how many accounts POSTs come in turn.

    One account's runs wait for its wallet one after the other: what a hot wallet takes is the ledger's benchmark.
    """

    seconds: int = 5
    pairs: int = 7
    hold_seconds: float = _HOLD_SECONDS
    accounts: int = 12


@dataclass(frozen=True)
class Turn:
    """One side's turn: requests a second of one kind, and the CPU-milliseconds that each took."""

    pair: int
    side: str
    kind: str
    rate: float
    web_cpu_ms: float
    postgres_cpu_ms: float


@dataclass(frozen=True)
class _Side:
    """Where requests go, and with whose keys: all in turn for POST, the first, whose run it is, for GET."""

    get_url: str
    post_url: str
    keys: Sequence[str]
    web: psutil.Process

    def headers(self, number: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[number % len(self.keys)]}", "Content-Type": "application/json"}


def measure(place: Place, rush: Rush) -> Outcome:
    """(d) Requests a second, site ÷ bare: GET of a status, POST of a run; the lesser of both, each over its bound."""
    wrk = find_binary("wrk", package="wrk")
    with ExitStack() as stack:
        connection = stack.enter_context(psycopg.connect(place.database_url, autocommit=True))
        connection.execute(_TABLE)
        # Nothing draws meanwhile: what is measured is the web process. Its runs wait, as many as there are.
        site = stack.enter_context(serving(place, "requests", draws=False, **LOOSE))
        visitors = rich_visitors(place, site, rush.accounts)
        url = f"http://127.0.0.1:{site.port}/v1/diffusions"
        sides = {"site": _side(url, keys_of(place, visitors), site.web)}
        for name, settings in (("bare", "benchmarks.minimal_settings"), ("barest", "benchmarks.barest_settings")):
            port, web = stack.enter_context(minimal(place, settings))
            root = f"http://127.0.0.1:{port}/"
            nobody = ["nobody"]
            sides[name] = _side(f"{root}diffusions", nobody, web) if name == "bare" else _Side(root, root, nobody, web)
        bench = _Contest(wrk, sides, rush, place.data_dir / "requests.lua", cpu.postgres_server(connection))
        turns = list(bench.turns())
        capacity = Spread.of([turn.rate for turn in turns if (turn.side, turn.kind) == ("site", "post")]).median
        number = itertools.count()
        of_site = sides["site"]
        held = hold_up(lambda: _post_once(url, of_site.headers(next(number))), capacity / 2, rush.hold_seconds)
    return outcome_of(turns, rush, held)


def _side(url: str, keys: Sequence[str], web: psutil.Process) -> _Side:
    side = _Side("", url, keys, web)
    return _Side(f"{url}/{_post_once(url, side.headers(0))}", url, keys, web)


@dataclass(frozen=True)
class _Contest:
    wrk: str
    sides: dict[str, _Side]
    rush: Rush
    script: Path
    postgres: psutil.Process

    def turns(self) -> Iterator[Turn]:
        """Take all turns: GET first, while one run waits, then POST."""
        kinds: tuple[Kind, Kind] = ("get", "post")
        for kind in kinds:
            for name in self.sides:
                self._turn(-1, name, kind, seconds=1)  # warm
            for pair, order in orders(self.rush.pairs, tuple(self.sides)):
                for name in order:
                    yield self._turn(pair, name, kind, self.rush.seconds)

    def _turn(self, pair: int, name: str, kind: Kind, seconds: int) -> Turn:
        side = self.sides[name]
        parts = {"web": [side.web, *side.web.children(recursive=True)]}
        before = cpu.read(parts, self.postgres)
        rate = _rush(self.wrk, side, seconds, self.script, kind)
        spent = cpu.read(parts, self.postgres).since(before)
        per_request = 1000 / (rate * seconds)
        return Turn(pair, name, kind, rate, spent.parts["web"] * per_request, spent.postgres * per_request)


def _rush(wrk: str, side: _Side, seconds: int, script: Path, kind: Kind) -> float:
    """Send as many requests as are answered; returns how many a second. Raises: BenchmarkFailed for any refusal."""
    command = [wrk, "--threads=1", f"--connections={_CONNECTIONS}", f"--duration={seconds}s", "--timeout=30s"]
    command += [f"--header={name}: {value}" for name, value in side.headers(0).items()]
    if kind == "post":
        script.write_text(_LUA.replace("KEYS", ", ".join(f"'{key}'" for key in side.keys)).replace("BODY", _BODY))
        command.append(f"--script={script}")
    url = side.post_url if kind == "post" else side.get_url
    done = subprocess.run([*command, url], capture_output=True, text=True, check=True)
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if found is None or not float(found[1]) or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise BenchmarkFailed(f"wrk was refused:\n{done.stdout}{done.stderr}")
    return float(found[1])


def hold_up(send: Callable[[], Any], rate: float, seconds: float) -> dict[str, float]:
    """Send at an even rate for a time. Returns how many were sent and failed, and the rate at which they were answered.

    The last of them is sent one interval before the time is over, and answered after it.
    """
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
    passed = time.monotonic() - began
    return {
        "rate": rate,
        "sent": total,
        "failed": count["failed"],
        "seconds": passed,
        "answered_rate": (total - count["failed"]) / passed,
    }


def _post_once(url: str, headers: dict[str, str]) -> str:
    request = urllib.request.Request(url, _BODY.encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read().decode()
    except urllib.error.HTTPError as error:
        raise BenchmarkFailed(f"POST was answered {error.code}: {error.read()[:500]!r}") from None
    return str(re.findall(r'"id": ?"([^"]+)"', body)[0])


def outcome_of(turns: list[Turn], rush: Rush, held: dict[str, float]) -> Outcome:
    """Return the answer. Raises: BenchmarkFailed where a POST of the held rate failed."""
    if held["failed"]:
        raise BenchmarkFailed(f"{held['failed']:.0f} of {held['sent']:.0f} POSTs failed at half the measured rate")
    ratios = {(kind, side): _ratios(turns, kind, side) for kind in ("get", "post") for side in ("bare", "barest")}
    get, post = ratios["get", "bare"], ratios["post", "bare"]
    parts = [
        Part.of("GET of a status, of the minimal view", Bound(GET_AT_LEAST, is_ceiling=False), get),
        Part.of("POST, of the minimal view", Bound(POST_AT_LEAST, is_ceiling=False), post),
        Part.of(
            "half of POST held: answered ÷ sent",
            Bound(HELD_AT_LEAST, is_ceiling=False),
            [held["answered_rate"] / held["rate"]],
        ),
        *(
            Part.of(f"{kind.upper()}, of a view that answers a constant", None, ratios[kind, "barest"])
            for kind in ("get", "post")
        ),
    ]
    # Each ratio as a share of its bound; the least is judged.
    shares = [min(one / GET_AT_LEAST, other / POST_AT_LEAST) for one, other in zip(get, post, strict=True)]
    judged = min(part.judged / part.bound.value for part in parts if part.bound)
    lines = [
        f"GET status: {Spread.of(get)} of the minimal view (bound at least {GET_AT_LEAST:g})",
        f"POST: {Spread.of(post)} of the minimal view (bound at least {POST_AT_LEAST:g})",
        f"of a view that answers a constant, without middleware: GET {Spread.of(ratios['get', 'barest'])},"
        f" POST {Spread.of(ratios['post', 'barest'])}",
        *(_line(turns, side, kind) for side in ("site", "bare", "barest") for kind in ("get", "post")),
        f"half of that held: {held['sent']:.0f} POSTs in {held['seconds']:.1f} s, {held['failed']:.0f} failed;"
        f" {held['answered_rate']:.1f} a second of {held['rate']:.1f} (bound at least {HELD_AT_LEAST:g} ×)",
    ]
    details = {"rush": asdict(rush), "turns": [asdict(turn) for turn in turns], "held": held}
    sides: dict[str, dict[str, float | None]] = {
        side: {
            figure: Spread.of([getattr(turn, name) for turn in _of(turns, side, kind)]).median
            for kind in ("get", "post")
            for name, figure in _figures_of(kind).items()
        }
        for side in ("site", "bare", "barest")
    }
    title = "requests a second ÷ a minimal DRF view on the same server, as shares of their bounds, the least"
    bound, is_small = Bound(1.0, is_ceiling=False), is_smaller(rush, Rush())
    return Outcome("d", title, bound, shares, judged, lines, details, parts, sides, is_small=is_small)


def _figures_of(kind: str) -> dict[str, str]:
    verb = kind.upper()
    return {
        "rate": f"{verb} a second",
        "web_cpu_ms": f"{verb}: CPU-ms of the web processes",
        "postgres_cpu_ms": f"{verb}: CPU-ms of PostgreSQL",
    }


def _of(turns: list[Turn], side: str, kind: str) -> list[Turn]:
    return [turn for turn in turns if (turn.side, turn.kind) == (side, kind)]


def _ratios(turns: list[Turn], kind: str, against: str) -> list[float]:
    return ratios_of(_of(turns, "site", kind), _of(turns, against, kind), lambda turn: turn.rate)


def _line(turns: list[Turn], side: str, kind: str) -> str:
    found = _of(turns, side, kind)
    rate, web, postgres = (
        Spread.of([getattr(turn, name) for turn in found]).median for name in ("rate", "web_cpu_ms", "postgres_cpu_ms")
    )
    return f"{side} {kind.upper()}: {rate:.0f} a second, {web:.2f} CPU-ms each and {postgres:.2f} of PostgreSQL's"
