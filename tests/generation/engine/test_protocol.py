"""What crosses the pipe arrives as it was sent, or is refused with the place named."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from generation.engine import protocol
from generation.engine.protocol import (
    Cancel,
    Done,
    Failed,
    ImageDone,
    ImageRequest,
    Loaded,
    ModelSpec,
    Preview,
    ProtocolError,
    Ready,
    Run,
    Step,
    Warm,
)
from tests.generation.engine.asking import ANY_MODEL, request_of

REQUEST = request_of(Path("/scratch"), jobs=("a", "b"), images_a_job=2)


@pytest.mark.parametrize(
    "command", [Run(REQUEST), Warm("warm-1", ANY_MODEL), Cancel("request", ("a", "b"))], ids=lambda c: type(c).__name__
)
def test_commands_arrive_as_they_were_sent(command: protocol.Command) -> None:
    assert protocol.decode_command(protocol.encode(command)) == command


@pytest.mark.parametrize(
    "event",
    [
        Ready(7, "cpu", {"protocol": "1"}, {"auto": "float32"}),
        Loaded("starter", 1.5, 10**10, ("other", "starter")),
        Step("request", ("a:0", "b:0"), 3, 25),
        Preview.of_webp("a:0", b"RIFF" + bytes(100)),
        ImageDone("a:0", "/scratch/a-0.npy"),
        Done("request", 3, 4),
        Failed("request", "disk_full", "No space left on device", True),
    ],
    ids=lambda event: type(event).__name__,
)
def test_events_arrive_as_they_were_sent(event: protocol.Event) -> None:
    assert protocol.decode_event(protocol.encode(event)) == event


def test_a_message_is_one_line_whatever_the_prompt_holds() -> None:
    image = dataclasses.replace(REQUEST.images[0], prompt="two\nlines “and” \u2028 more")
    line = protocol.encode(Run(dataclasses.replace(REQUEST, images=(image,))))
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


@pytest.mark.parametrize("line", [b"", b"loading weights...", b"[]", b"{}", b'{"type":"fly"}', b"\xff\n", b"[" * 10**5])
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        protocol.decode_command(line)


def test_an_event_is_no_command() -> None:
    with pytest.raises(ProtocolError, match="type"):
        protocol.decode_command(protocol.encode(Done("request")))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"width": "512"}, "width"),
        ({"width": True}, "width"),
        ({"width": 0}, "width"),
        ({"height": 100_000}, "height"),
        ({"num_inference_steps": 0}, "num_inference_steps"),
        ({"num_inference_steps": 2.5}, "num_inference_steps"),
        ({"guidance_scale": -1}, "guidance_scale"),
        ({"guidance_scale": None}, "guidance_scale"),
        ({"task": "fly"}, "task"),
        ({"options": None}, "options"),
        ({"tools": [{}]}, "tools"),
        ({"max_batch": 0}, "max_batch"),
        ({"preview": 1}, "preview"),
        ({"images": []}, "images"),
        ({"images": {}}, "images"),
        ({"model": {"slug": "x"}}, "model"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_request_with_a_wrong_value_is_refused_by_name(change: dict[str, Any], named: str) -> None:
    body = json.loads(protocol.encode(Run(REQUEST)))
    body["request"].update(change)
    with pytest.raises(ProtocolError, match=named):
        protocol.decode_command(json.dumps(body).encode())


def test_a_request_without_a_field_is_refused() -> None:
    body = json.loads(protocol.encode(Run(REQUEST)))
    del body["request"]["scheduler"]
    with pytest.raises(ProtocolError, match="scheduler"):
        protocol.decode_command(json.dumps(body).encode())


def test_a_number_that_is_none_is_refused_on_both_ends() -> None:
    body = json.loads(protocol.encode(Run(REQUEST)))
    body["request"]["guidance_scale"] = float("nan")
    with pytest.raises(ProtocolError, match="not JSON"):
        protocol.decode_command(json.dumps(body).encode())
    with pytest.raises(ProtocolError, match="guidance_scale"):
        request_of(Path("/scratch"), guidance_scale=float("nan"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"key": "no colon"}, "key"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"path": "relative.npy"}, "path"),
        ({"path": "/nul\0.npy"}, "path"),
    ],
)
def test_a_picture_outside_its_bounds_cannot_be_asked_for(change: dict[str, Any], named: str) -> None:
    facts = {"key": "a:0", "prompt": "a fox", "negative_prompt": "", "seed": 1, "path": "/scratch/0.npy", **change}
    with pytest.raises(ProtocolError, match=named):
        ImageRequest(**facts)


def test_two_pictures_cannot_share_a_key() -> None:
    with pytest.raises(ProtocolError, match="images"):
        request_of(Path("/scratch"), jobs=("a", "a"))


@pytest.mark.parametrize(
    "change", [{"family": "dall-e"}, {"folder": "models/x"}, {"dtype": "int8"}, {"text_encoder": "bert"}, {"slug": ""}]
)
def test_a_model_outside_what_is_known_cannot_be_asked_for(change: dict[str, str]) -> None:
    with pytest.raises(ProtocolError, match=next(iter(change))):
        ModelSpec(**{"slug": "x", "family": "flux", "folder": "/models/x", **change})


def test_a_preview_is_at_most_8_kib() -> None:
    assert len(Preview.of_webp("a:0", bytes(8192)).webp()) == 8192
    with pytest.raises(ProtocolError, match="8 KiB"):
        Preview.of_webp("a:0", bytes(8193))
    with pytest.raises(ProtocolError, match="base64"):
        Preview("a:0", "not base64!")


def test_the_jobs_of_a_request_are_what_stands_before_the_colon() -> None:
    assert REQUEST.jobs() == {"a", "b"}
    assert protocol.job_of("6f1c:with:colons:3") == "6f1c:with:colons"
