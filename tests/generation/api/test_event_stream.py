import http.client
import io
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from accounts import api_keys
from accounts.models import Feature
from generation import lifecycle
from generation.api.event_hub import State
from generation.api.event_stream import news
from generation.models import Job
from generation.progress import Reporter
from tests.accounts.test_switches import turn
from tests.generation.api.calling import Program, make_program
from tests.generation.api.told import finished, ordered
from tests.generation.runs import claim, pictures
from tests.processes import Server, running

STREAMS_MAX, STREAMS_A_PERSON = 4, 2
# A stream's sign of life keeps its connection's own limit from ever being reached: a reader that waits for what does
# not come would wait until the stream ends by itself, a quarter of an hour later.
EVENT_SECONDS = 40


def state(version: str, step: int = 0, *, is_over: bool = False) -> State:
    document = {"id": "1", "status": version.split(".")[0], "progress": {"step": step}}
    return State(version, step, document, is_over)


@pytest.mark.parametrize(
    ("now", "seen", "told"),
    [
        (state("NEW.0.0-2"), "", [("NEW.0.0-2", "status")]),
        (state("NEW.0.0-1"), "NEW.0.0-2", [("NEW.0.0-1", "status")]),
        (state("NEW.0.0-1"), "NEW.0.0-1", []),
        (state("PROCESSING.1.0", 5), "NEW.0.0-1", [("PROCESSING.1.0.5", "status")]),
        (state("PROCESSING.1.0", 5), "PROCESSING.1.0.5", []),
        (state("PROCESSING.1.0", 9), "PROCESSING.1.0.5", [("PROCESSING.1.0.9", "progress")]),
        (state("PROCESSING.1.0"), "PROCESSING.1.0.5", []),
        (state("PROCESSING.2.0"), "PROCESSING.1.0.5", [("PROCESSING.2.0", "status")]),
        (state("FINISHED.1.1", is_over=True), "PROCESSING.1.0.5", [("FINISHED.1.1", "status")]),
        (state("FINISHED.1.1", is_over=True), "FINISHED.1.1", []),
        (state("FINISHED.1.1", is_over=True), "nonsense", [("FINISHED.1.1", "status")]),
    ],
)
def test_what_is_told_is_what_differs_from_what_was_seen(now: State, seen: str, told: list[tuple[str, str]]) -> None:
    found = [(event_id, text.split("\n")[1].removeprefix("event: ")) for event_id, text in news(now, seen)]

    assert found == told


# --- The process ----------------------------------------------------------------------------------------------


@pytest.fixture
def own_port(child_environment: dict[str, str], tmp_path: Path) -> Iterator[int]:
    """Yield the port of an events process of the test's own, with few places."""
    bounds = {"EVENTS_STREAMS_MAX": str(STREAMS_MAX), "EVENTS_STREAMS_A_PERSON": str(STREAMS_A_PERSON)}
    with _events_process({**child_environment, **bounds}, tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def port(session_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Yield the port of an events process on the tests' database, for tests that leave nothing behind in it."""
    with _events_process(session_environment, tmp_path_factory.mktemp("events")) as started:
        yield started


@contextmanager
def _events_process(environment: dict[str, str], folder: Path) -> Iterator[int]:
    root = Path(__file__).parents[3]

    def command(port: int) -> list[str]:
        return ["env", f"EVENTS_PORT={port}", sys.executable, str(root / "manage.py"), "events"]

    with running(Server("events", command, _answers, environment=environment), folder) as started:
        yield started


def _answers(port: int) -> bool:
    try:
        return call(port, "/healthz").status == 200
    except OSError:
        return False


def call(port: int, path: str, program: Program | None = None, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    key = {"Authorization": f"Bearer {program.text}"} if program else {}
    connection.request("GET", path, headers={**key, **{name.replace("_", "-"): text for name, text in headers.items()}})
    return connection.getresponse()


def follow(port: int, job: Job, program: Program, **headers: str) -> http.client.HTTPResponse:
    return call(port, f"/v1/diffusions/{job.pk}/events", program, **headers)


def read_event(stream: io.BufferedIOBase) -> dict[str, Any]:
    """Return the next event: its id, name and data; nothing where the stream has ended.

    Fails where neither comes for EVENT_SECONDS.
    """
    found: dict[str, Any] = {}
    deadline = time.monotonic() + EVENT_SECONDS
    while line := stream.readline().decode():
        if time.monotonic() > deadline:
            pytest.fail(f"no event for {EVENT_SECONDS} s, and the stream goes on")
        name, _, text = line.rstrip("\n").partition(": ")
        if name in {"id", "event"}:
            found[name] = text
        elif name == "data":
            found[name] = json.loads(text)
        elif not name and "data" in found:
            return found
    return found


def test_signs_of_life_are_not_waited_through_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "EVENT_SECONDS", -1)
    with pytest.raises(pytest.fail.Exception, match="the stream goes on"):
        read_event(io.BytesIO(b":\n\n" * 9))


@pytest.mark.django_db(transaction=True)
def test_a_stream_has_the_id_that_its_request_came_with(port: int) -> None:
    program = make_program()

    with follow(port, ordered(program), program, X_Request_Id="req-7") as stream:
        assert (stream.status, stream.headers["X-Request-Id"]) == (200, "req-7")


@pytest.mark.django_db(transaction=True)
def test_a_run_is_followed_to_its_end(port: int) -> None:
    program = make_program()
    job = ordered(program)
    stream = follow(port, job, program)
    waiting = read_event(stream)

    taken = claim().jobs[0]
    drawn = read_event(stream)
    Reporter(job.pk, 1).step(7, 25, 1)
    step = read_event(stream)
    lifecycle.finish(taken, 1, pictures(taken, 0))
    done = read_event(stream)

    assert stream.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert [each["event"] for each in (waiting, drawn, step, done)] == ["status", "status", "progress", "status"]
    assert [each["data"]["status"] for each in (waiting, drawn, done)] == ["NEW", "PROCESSING", "FINISHED"]
    assert step["data"]["progress"] == {"step": 7, "of": 25, "percent": 28}
    assert done["data"] == json.loads(program.get(f"diffusions/{job.pk}").content)
    assert read_event(stream) == {}


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_gets_what_differs(port: int) -> None:
    program = make_program()
    job = finished(program)

    again = follow(port, job, program, Last_Event_ID="PROCESSING.1.0.7")
    told = read_event(again)

    assert (told["id"], told["data"]["status"]) == ("FINISHED.1.1", "FINISHED")
    assert follow(port, job, program, Last_Event_ID=told["id"]).status == 204


@pytest.mark.django_db(transaction=True)
def test_a_stream_ends_with_its_key_and_leaves_those_of_other_keys(port: int) -> None:
    program = make_program()
    other = make_program(user=program.user)
    job = ordered(program)
    ending, staying = follow(port, job, program), follow(port, job, other)
    read_event(ending), read_event(staying)

    api_keys.revoke(program.key)

    assert read_event(ending) == {}
    claim()
    assert read_event(staying)["data"]["status"] == "PROCESSING"


@pytest.mark.django_db(transaction=True)
def test_the_streams_door_refuses_in_the_apis_own_words(port: int) -> None:
    program, stranger = make_program(), make_program()
    job = ordered(program)

    nobody, theirs = call(port, f"/v1/diffusions/{job.pk}/events"), follow(port, job, stranger)
    elsewhere = call(port, "/v1/models", program)

    assert [nobody.status, theirs.status, elsewhere.status] == [401, 404, 404]
    assert all(answer.headers["X-Request-Id"] for answer in (nobody, theirs, elsewhere))
    assert nobody.headers["WWW-Authenticate"] == "Bearer"
    assert nobody.headers["Content-Type"] == "application/problem+json"
    assert theirs.read() == stranger.get(f"diffusions/{job.pk}").content


@pytest.mark.django_db(transaction=True)
def test_streams_are_bounded_for_a_person_and_for_all_and_a_place_is_free_again_after_a_hang_up(own_port: int) -> None:
    ada, bob, eve = make_program(), make_program(), make_program()
    jobs = {program.user.pk: ordered(program) for program in (ada, bob, eve)}
    streams = [follow(own_port, jobs[program.user.pk], program) for program in (ada, ada)]

    one_too_many = follow(own_port, jobs[ada.user.pk], ada)
    assert (one_too_many.status, one_too_many.headers["Retry-After"]) == (429, "5")
    streams += [follow(own_port, jobs[bob.user.pk], bob) for _ in range(2)]
    full = follow(own_port, jobs[eve.user.pk], eve)
    assert (full.status, full.headers["Retry-After"]) == (503, "5")
    assert {stream.status for stream in streams} == {200}

    streams.pop().close()
    deadline = time.monotonic() + 10
    while (status := follow(own_port, jobs[eve.user.pk], eve).status) != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert status == 200


# Last: the process that the others share hears of the switch, too, and remembers it for seconds.
@pytest.mark.django_db(transaction=True)
def test_streams_end_when_the_api_is_switched_off_and_the_door_says_why(own_port: int) -> None:
    program = make_program()
    job = ordered(program)
    stream = follow(own_port, job, program)
    read_event(stream)

    turn(Feature.API, "off", "We move to new computers.")

    assert read_event(stream) == {}
    refused = follow(own_port, job, program)
    assert refused.status == 503
    told = json.loads(refused.read())
    assert told["error"]["code"] == "switched_off"
    assert "We move to new computers." in told["detail"]
