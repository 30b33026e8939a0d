"""One peer beside the site: both draw the same pictures in turn, from the same number of people at once."""

import http
import http.client
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image as Pillow

from benchmarks.children import ROOT
from benchmarks.comparison import Bound, Outcome, Spread, in_turn, is_smaller, ratios_of
from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place, running
from benchmarks.turns import (
    Load,
    Pixels,
    Round,
    SiteSide,
    absolute,
    compare,
    drawing_of,
    middle,
    others_line,
    send_all,
    sides_of,
    warming_wishes,
    wishes_of,
)
from benchmarks.visitors import Wish
from benchmarks.witness import Finished
from tests.processes import free_port

_START_SECONDS = 600.0
_TIMEOUT_SECONDS = 600.0
# A sign of life is given every second.
_AWAKE_SECONDS = 3.0
# What a server says whose model or route is not there yet.
_NOT_YET = (http.HTTPStatus.NOT_FOUND, http.HTTPStatus.SERVICE_UNAVAILABLE)
_NO_NEWS_HOME = {"BENTOML_DO_NOT_TRACK": "True", "DO_NOT_TRACK": "1", "RAY_USAGE_STATS_ENABLED": "0"}


@dataclass(frozen=True)
class Peer:
    """A server of models: `command` is what Python is given to run it on a port; `judged`: to be kept up with."""

    name: str
    package: str
    command: Callable[[int], list[str]]
    judged: bool


PEERS = {
    peer.package: peer
    for peer in (
        Peer("LitServe", "litserve", lambda port: ["-m", "benchmarks.peers.litserve_server", str(port)], judged=True),
        Peer(
            "BentoML",
            "bentoml",
            lambda port: [
                *("-m", "bentoml", "serve", "benchmarks.peers.bentoml_server:PainterService"),
                *("--host", "127.0.0.1", "--port", str(port)),
            ],
            judged=False,
        ),
        Peer("Ray Serve", "ray", lambda port: ["-m", "benchmarks.peers.ray_server", str(port)], judged=True),
        Peer(
            "mosec",
            "mosec",
            lambda port: [
                *("-m", "benchmarks.peers.mosec_server", "--address", "127.0.0.1", "--port", str(port)),
                *("--timeout", str(int(1000 * _TIMEOUT_SECONDS))),
            ],
            judged=False,
        ),
    )
}


@dataclass(frozen=True)
class Serving:
    """A peer that serves."""

    peer: Peer
    port: int
    process: psutil.Process

    def parts(self) -> dict[str, list[psutil.Process]]:
        """Return all of its processes."""
        return {"peer": [self.process, *self.process.children(recursive=True)]}


def version_of(python: Path, peer: Peer) -> str:
    """Return the version of a peer's package in an environment. Raises: BenchmarkFailed where it cannot be imported."""
    code = f"import {peer.package}, importlib.metadata as metadata; print(metadata.version('{peer.package}'))"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError as error:
        raise BenchmarkFailed(f"there is no environment: {error}") from None
    if done.returncode != 0:
        raise BenchmarkFailed(f"{peer.name} cannot be imported: {done.stderr.strip().rpartition(chr(10))[2]}")
    return done.stdout.split()[-1]


def measure(place: Place, side: SiteSide, peer: Peer, load: Load, python: Path, batch: int = 1) -> Outcome:
    """Wall time, site ÷ peer; up to `batch` pictures share a pass of the site's, as it was started.

    Raises: BenchmarkFailed where the peer does not serve, or draws other pictures.
    """
    with _serving(place, peer, python) as serving:
        wishes = warming_wishes(load)
        _wait_until_it_draws(serving, wishes[0], place.log(peer.package))
        _draw_all(serving, load, wishes)
        side.warm(warming_wishes(load, batch))
        rounds, apart = _take_turns(side, serving, load)
    return _outcome(peer, rounds, load, apart, batch)


@contextmanager
def _serving(place: Place, peer: Peer, python: Path) -> Iterator[Serving]:
    port = free_port()
    home = place.data_dir / peer.package
    home.mkdir(exist_ok=True)
    environment = place.environment(PYTHONPATH=str(ROOT), BENTOML_HOME=str(home), RAY_TMPDIR=str(home), **_NO_NEWS_HOME)
    with running([str(python), *peer.command(port)], environment, place.log(peer.package)) as process:
        yield Serving(peer, port, psutil.Process(process.pid))


def _wait_until_it_draws(serving: Serving, wish: Wish, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    reason = "it did not answer"
    while time.monotonic() < end and serving.process.is_running() and serving.process.status() != psutil.STATUS_ZOMBIE:
        try:
            _Client(serving).send(wish)
            return
        except (OSError, http.client.HTTPException, _NotYet) as error:
            reason = str(error)
            time.sleep(0.5)
        except BenchmarkFailed as error:
            reason = str(error)
            break
    tail = log.read_bytes()[-3000:].decode(errors="replace")
    raise BenchmarkFailed(f"{serving.peer.name} does not serve: {reason}. The end of its log:\n{tail}")


class _NotYet(BenchmarkFailed):
    """The server answers, and has nothing to draw with yet."""


class _Client:
    """Somebody who sends one request after the other over one connection, and waits for each picture."""

    def __init__(self, serving: Serving) -> None:
        self._name = serving.peer.name
        self._connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=_TIMEOUT_SECONDS)

    def send(self, wish: Wish) -> bytes:
        """Return the picture's PNG. Raises: BenchmarkFailed for any other answer."""
        body = json.dumps(drawing_of([wish]))
        self._connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        content = response.read()
        if response.status in _NOT_YET:
            raise _NotYet(f"{self._name} answered {response.status}")
        if response.status != 200 or response.headers.get_content_type() != "image/png":
            raise BenchmarkFailed(f"{self._name} answered {response.status}: {content[:500]!r}")
        return content


def _draw_all(serving: Serving, load: Load, wishes: Sequence[Wish]) -> list[bytes]:
    clients = [_Client(serving) for _ in range(load.visitors)]
    return send_all([client.send for client in clients], wishes)


def _take_turns(side: SiteSide, serving: Serving, load: Load) -> tuple[list[Round], int]:
    """Return every turn, and how far the pictures of both sides lie apart at most, of 255."""
    rounds: list[Round] = []
    apart = 0
    finished: list[Finished] = []
    pictures: list[Pixels] = []
    for pair, name in in_turn(load.pairs):
        wishes = wishes_of(load, pair)
        if name == "site":
            with _at_rest(serving.parts()):
                turn, finished = side.take_turn(pair, wishes)
        else:
            with _at_rest(side.site.parts()):
                turn, pictures = _peer_turn(side, serving, load, pair, wishes)
        rounds.append(turn)
        print(f"  pair {pair + 1} {turn.side}: {turn.wall_seconds:.2f} s", flush=True)
        if len(rounds) % 2 == 0:
            apart = max(apart, compare(finished, pictures, serving.peer.name))
    return rounds, apart


@contextmanager
def _at_rest(parts: Mapping[str, Sequence[psutil.Process]]) -> Iterator[None]:
    """Stop a side while the other has its turn: Ray Serve's processes take an eighth of a core though nobody asks them.

    Those that are watched go on before those that watch them, who would take them for dead.
    """
    processes = [process for part in parts.values() for process in part]
    pids = {process.pid for process in processes}
    watched = [process for process in processes if process.ppid() in pids]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for awakened in (watched, processes):
            for process in awakened:
                with suppress(psutil.NoSuchProcess):
                    process.resume()
            time.sleep(_AWAKE_SECONDS)


def _peer_turn(
    side: SiteSide, serving: Serving, load: Load, pair: int, wishes: Sequence[Wish]
) -> tuple[Round, list[Pixels]]:
    before = side.read_cpu(serving.parts())
    started = time.perf_counter()
    answers = _draw_all(serving, load, wishes)
    wall = time.perf_counter() - started
    spent = side.read_cpu(serving.parts()).since(before)
    pictures = [np.asarray(Pillow.open(BytesIO(answer))) for answer in answers]
    return Round.of(pair, serving.peer.package, wall, spent, len(pictures)), pictures


def _outcome(peer: Peer, rounds: list[Round], load: Load, apart: int, batch: int) -> Outcome:
    site, theirs = sides_of(rounds, "site", peer.package)
    ratios = ratios_of(site, theirs, lambda turn: turn.wall_seconds)
    spread = Spread.of(ratios)
    walls = [middle(side, lambda turn: turn.wall_seconds) for side in (site, theirs)]
    cpus = [middle(side, lambda turn: turn.cpu_seconds) for side in (site, theirs)]
    server = middle(site, lambda turn: turn.postgres_cpu_seconds)
    lines = [
        f"wall (median): site {walls[0]:.2f} s, {peer.name} {walls[1]:.2f} s",
        f"CPU (median): site {cpus[0]:.2f} s, {peer.name} {cpus[1]:.2f} s, PostgreSQL {server:.2f} s beside",
        f"the same pictures to {apart} of 255; {peer.name} keeps no books, files or thumbnails",
        others_line(rounds),
    ]
    details: dict[str, Any] = {
        "load": asdict(load),
        "pictures_a_pass": batch,
        "ratio": asdict(spread),
        "furthest_apart": apart,
        "rounds": [asdict(turn) for turn in rounds],
    }
    passes = f"up to {batch} a pass" if batch > 1 else "one a pass"
    title = f"{load.jobs} runs from POST to stored, {passes}, ÷ the same requests to {peer.name}, wall time"
    bound = Bound(1.0, is_ceiling=True) if peer.judged else None
    sides = absolute(rounds, "site", peer.package)
    is_small = is_smaller(load, Load())
    return Outcome(peer.package, title, bound, ratios, spread.median, lines, details, sides=sides, is_small=is_small)
