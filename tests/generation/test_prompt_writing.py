"""Who improves prompts and describes pictures: a server of chat completions, asked over a real line."""

import base64
import io
import json
import logging
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.conf import LazySettings
from PIL import Image

from generation import prompt_writing, wildcards
from generation.errors import WritingFailed
from generation.params import PROMPT_MAX_LENGTH
from generation.prompt_writing import ChatWriter
from tests.generation.receivers import Receiver, receiver


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def writer_of(server: Receiver, *, seconds: int = 5) -> ChatWriter:
    return ChatWriter(f"http://127.0.0.1:{server.port}/v1", "small-model", "a-secret-key", seconds)


def says(server: Receiver, content: object) -> ChatWriter:
    server.answer = json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()
    return writer_of(server)


def asked(server: Receiver) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.received[-1].body)
    return found


def png(side: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (side, side), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_a_prompt_is_sent_with_the_key_and_comes_back_better(server: Receiver) -> None:
    assert says(server, " A red fox in deep snow,\n at dawn. ").improve("a fox") == "A red fox in deep snow, at dawn."

    request = server.received[-1]
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer a-secret-key"
    assert asked(server)["model"] == "small-model"
    assert asked(server)["messages"][-1] == {"role": "user", "content": "a fox"}


def test_a_picture_is_sent_small_and_comes_back_as_plain_words(server: Receiver) -> None:
    found = says(server, "A red {square} (plain)").describe(png(1024))

    assert wildcards.resolve(found, {}, 0) == "A red {square} (plain)"
    address = asked(server)["messages"][0]["content"][1]["image_url"]["url"]
    sent = Image.open(io.BytesIO(base64.b64decode(address.removeprefix("data:image/jpeg;base64,"))))
    assert (sent.format, sent.size) == ("JPEG", (512, 512))


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("“a fox”", "a fox"),
        ('"a fox"', "a fox"),
        ("<think>hm, a fox?\n</think>a fox", "a fox"),
        ("a\x00 fox\u202e", "a fox"),
        ("a {red|blue} __animal__", "a {red|blue} __animal__"),
        ("a {fox", r"a \{fox"),
    ],
)
def test_an_answer_is_cleaned(server: Receiver, answer: str, found: str) -> None:
    assert says(server, answer).improve("a fox") == found


def test_an_answer_that_is_too_long_ends_after_a_word(server: Receiver) -> None:
    found = says(server, "fox " * 1000).improve("a fox")

    assert PROMPT_MAX_LENGTH - 5 < len(found) <= PROMPT_MAX_LENGTH
    assert found.endswith(" fox")


@pytest.mark.parametrize(
    "answer",
    [b"", b"no JSON", b"[]", b"{}", b'{"choices": []}', b'{"choices": [{"message": {"content": 7}}]}', b"[" * 100_000],
)
def test_what_is_no_answer_is_a_failure(server: Receiver, answer: bytes) -> None:
    server.answer = answer
    with pytest.raises(WritingFailed):
        writer_of(server).improve("a fox")


@pytest.mark.parametrize("content", ["", "  \n", '""', None])
def test_no_words_are_a_failure(server: Receiver, content: object) -> None:
    with pytest.raises(WritingFailed):
        says(server, content).improve("a fox")


@pytest.mark.parametrize("status", [302, 401, 429, 500])
def test_a_refusal_is_a_failure_and_its_words_go_nowhere(
    server: Receiver, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    server.status, server.headers = status, {"Location": server.url}
    writer = says(server, "your key a-secret-key is wrong")
    with caplog.at_level(logging.DEBUG), pytest.raises(WritingFailed) as caught:
        writer.improve("a private fox")

    assert len(server.received) == 1
    for words in (str(caught.value), caplog.text, repr(writer)):
        assert "a-secret-key" not in words
        assert "private" not in words


def test_an_endless_answer_is_not_read_to_its_end(server: Receiver) -> None:
    server.answer = b'{"choices": "' + b"x" * 1_000_000
    with pytest.raises(WritingFailed):
        writer_of(server).improve("a fox")


def test_a_server_that_drips_is_left_in_time(server: Receiver) -> None:
    def drip(handler: BaseHTTPRequestHandler, number: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    server.behave = drip
    started = time.monotonic()
    with pytest.raises(WritingFailed):
        writer_of(server, seconds=1).improve("a fox")
    assert time.monotonic() - started < 5


def test_nobody_at_the_address_is_a_failure() -> None:
    with pytest.raises(WritingFailed):
        ChatWriter("http://127.0.0.1:9/v1", "m").improve("a fox")
    with pytest.raises(WritingFailed):
        ChatWriter("http://127.0.0.1:nonsense/v1", "m").improve("a fox")


def test_who_writes_is_chosen_by_the_settings(settings: LazySettings) -> None:
    settings.PROMPT_WRITER_URL = ""
    assert prompt_writing.writer() is None

    settings.PROMPT_WRITER_URL, settings.PROMPT_WRITER_MODEL = "http://localhost:1/v1", "m"
    found = prompt_writing.writer()
    assert isinstance(found, ChatWriter)
    assert (found.url, found.model) == ("http://localhost:1/v1", "m")
