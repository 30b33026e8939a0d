"""The loop of the engine's process: one ending for each request, and an end of its own when the worker is gone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generation.engine import protocol
from generation.engine.child import PROJECT_ROOT
from generation.engine.client import Engine
from generation.engine.errors import EngineFailed
from generation.engine.protocol import Cancel, Done, Event, Ready, Run
from generation.engine.server import BROKEN_PROTOCOL_EXIT_CODE
from tests.generation.engine.asking import done_keys, draw, noop_engine, passes_of, request_of
from tests.generation.engine.test_scratch import fill_disk_under

COMMAND = [sys.executable, "-m", "generation.engine.server", "--backend", "noop"]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Yield an engine that answers at once."""
    with noop_engine(tmp_path_factory.mktemp("engine")) as engine:
        yield engine


def converse(commands: bytes) -> tuple[list[Event], int]:
    """Say everything at once and hang up; return what was answered and the exit code."""
    result = subprocess.run(COMMAND, input=commands, capture_output=True, cwd=PROJECT_ROOT, timeout=60, check=False)
    return [protocol.decode_event(line) for line in result.stdout.splitlines(keepends=True)], result.returncode


def test_a_full_disk_fails_the_request_and_not_the_engine(engine: Engine, tmp_path: Path) -> None:
    request = request_of(tmp_path, images_a_job=3)
    fill_disk_under(Path(request.images[1].path))
    events: list[Event] = []
    with pytest.raises(EngineFailed) as caught:
        engine.run(request, events.append, lambda: (), 60)
    assert (caught.value.code, caught.value.message) == ("disk_full", "No space left on device")
    assert done_keys(events) == ["a:0"]
    assert done_keys(draw(engine, request)) == ["a:0", "a:1", "a:2"]


def test_the_end_of_the_pipe_is_the_end_of_the_engine() -> None:
    events, returncode = converse(b"")
    assert returncode == 0
    assert all(isinstance(event, Ready) for event in events)


def test_a_line_that_is_no_command_ends_the_engine_loudly() -> None:
    _, returncode = converse(b"draw me a sheep\n")
    assert returncode == BROKEN_PROTOCOL_EXIT_CODE


def test_a_child_of_another_parent_leaves() -> None:
    command = [*COMMAND, "--parent", "1"]
    result = subprocess.run(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT_ROOT, timeout=60, check=True
    )
    assert result.stdout == b""


def test_requests_are_answered_in_turn_and_a_cancel_finds_its_own(tmp_path: Path) -> None:
    """Two requests of one job lie in the pipe: the cancel of the second is read before the first is drawn."""
    requests = [request_of(tmp_path / name, id=name, images_a_job=2, num_inference_steps=20) for name in ("one", "two")]
    lines: list[protocol.Command] = [*map(Run, requests), Cancel("two", ("a",)), Cancel("no such request", ("a",))]
    command = [*COMMAND, "--noop-seconds", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT_ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"".join(protocol.encode(line) for line in lines))
        process.stdin.flush()
        events: list[Event] = []
        while sum(getattr(event, "request_id", "") == "two" for event in events) == 0:
            events.append(protocol.decode_event(process.stdout.readline()))
    assert Done("one", model_loads=1) in events
    assert len(passes_of(events)) == 1
    assert getattr(events[-1], "code", "") == "canceled"
    assert not (tmp_path / "two").exists()
