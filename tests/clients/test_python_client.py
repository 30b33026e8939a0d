"""The Python client against a small server that fails, limits and waits as the API may."""

import asyncio
import base64
import hashlib
import hmac
import importlib.util
import json
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.rules.tree import ROOT

sys.path.insert(0, str(ROOT / "clients" / "python"))

import getimg

CLIENT = ROOT / "clients" / "python"

NEW = {"id": "d1", "status": "NEW", "createdAt": "2026-01-01T00:00:00.000Z"}
DONE = {
    **NEW,
    "status": "FINISHED",
    "finishedAt": "2026-01-01T00:00:09.250Z",
    "images": ["https://x/1.png"],
    "outputs": [{"url": "https://x/1.png", "seed": 7, "width": 128, "height": 128, "contentType": "image/png"}],
}
PROBLEM = {"error": {"type": "rate_limit", "code": "too_many", "message": "Slow down.", "param": None}}


@dataclass
class Server:
    """Answers in the order given, and remembers what came."""

    answers: list[tuple[int, dict[str, str], Any]]
    url: str = ""
    seen: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server([])

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(length)
            is_form = "multipart" in (self.headers.get("Content-Type") or "")
            body = text if is_form else json.loads(text) if length else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.seen.append((self.command, self.path, headers, body))
            status, extra, answer = state.answers.pop(0)
            text = json.dumps(answer).encode() if status != 204 else b""
            self.send_response(status)
            for name, value in {**extra, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815  (http.server's names)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield state
        http.shutdown()
        thread.join()


def test_the_client_that_blocks_is_written_from_the_other() -> None:
    spec = importlib.util.spec_from_file_location("write_sync", CLIENT / "write_sync.py")
    assert spec is not None
    assert spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)

    assert (CLIENT / "getimg" / "_client.py").read_text() == writer.written()


def test_a_picture_is_asked_for_and_waited_for(server: Server) -> None:
    server.answers = [(201, {}, NEW), (200, {}, DONE)]
    with getimg.Client("gi_test_x", base_url=server.url) as client:
        diffusion = client.diffusions.create(prompt="a fox", num_images=2, ref="order-7").wait()

    assert diffusion.images == ("https://x/1.png",)
    assert (diffusion.outputs[0].seed, diffusion.is_over) == (7, True)
    (_, path, headers, body), (_, _, look, _) = server.seen
    assert (path, body) == ("/v1/diffusions", {"prompt": "a fox", "numImages": 2, "ref": "order-7"})
    assert headers["authorization"] == "Bearer gi_test_x"
    assert look["prefer"] == "wait=60"


def test_a_file_is_sent_again_after_a_failure_looked_at_and_deleted(server: Server) -> None:
    file = {"id": "f1", "kind": "mask", "width": 8, "height": 8}
    server.answers = [(503, {"Retry-After": "0"}, {}), (201, {}, file), (200, {}, file), (204, {}, None)]
    with getimg.Client("gi_test_x", base_url=server.url) as client:
        sent = client.files.upload(b"\x89PNG pixels", name="mask.png", kind="mask")
        assert client.files.get(sent["id"])["width"] == 8
        client.files.delete(sent["id"])

    assert [(verb, path) for verb, path, _, _ in server.seen] == [
        *[("POST", "/v1/files")] * 2,
        ("GET", "/v1/files/f1"),
        ("DELETE", "/v1/files/f1"),
    ]
    for _, _, headers, body in server.seen[:2]:
        assert headers["content-type"].startswith("multipart/form-data")
        assert b'name="file"; filename="mask.png"' in body
        assert b"\x89PNG pixels" in body
        assert b'name="kind"\r\n\r\nmask' in body


def test_files_are_listed_page_after_page(server: Server) -> None:
    server.answers = [
        (200, {}, {"data": [{"id": "f3"}, {"id": "f2"}], "hasMore": True, "next": "f2"}),
        (200, {}, {"data": [{"id": "f1"}], "hasMore": False, "next": None}),
    ]
    with getimg.Client("gi_test_x", base_url=server.url) as client:
        assert [file["id"] for file in client.files.list(limit="2")] == ["f3", "f2", "f1"]

    assert [path for _, path, _, _ in server.seen] == ["/v1/files?limit=2", "/v1/files?limit=2&after=f2"]


def test_a_task_without_words_is_asked_for_without_a_prompt(server: Server) -> None:
    server.answers = [(201, {}, NEW)]
    with getimg.Client("gi_test_x", base_url=server.url) as client:
        client.diffusions.create(task="upscale", image="image:1", factor=2)

    assert server.seen[0][3] == {"task": "upscale", "image": "image:1", "factor": 2}


def test_a_retry_carries_the_same_key_and_waits_as_long_as_it_is_told(server: Server) -> None:
    server.answers = [(429, {"Retry-After": "0"}, PROBLEM), (503, {"Retry-After": "0"}, {}), (201, {}, NEW)]
    with getimg.Client("k", base_url=server.url) as client:
        client.diffusions.create(prompt="a fox")

    keys = {headers["idempotency-key"] for _, _, headers, _ in server.seen}
    assert len(server.seen) == 3
    assert len(keys) == 1


def test_what_makes_no_sense_again_is_not_sent_again(server: Server) -> None:
    server.answers = [
        (
            402,
            {"X-Request-Id": "req-7"},
            {"error": {"code": "insufficient_credits", "message": "1 credit is needed, 0 are there."}},
        )
    ]
    with getimg.Client("k", base_url=server.url) as client, pytest.raises(getimg.InsufficientCredits) as refused:
        client.diffusions.create(prompt="a fox")
    assert (refused.value.code, refused.value.status) == ("insufficient_credits", 402)
    assert refused.value.request_id == "req-7"
    assert "1 credit is needed" in str(refused.value)


def test_a_wait_until_tomorrow_is_the_callers_to_decide(server: Server) -> None:
    server.answers = [(429, {"Retry-After": "46082"}, PROBLEM)]
    with getimg.Client("k", base_url=server.url) as client, pytest.raises(getimg.RateLimited) as refused:
        client.diffusions.create(prompt="a fox")
    assert refused.value.retry_after == 46082
    assert len(server.seen) == 1


def test_after_the_last_try_the_error_is_the_apis(server: Server) -> None:
    server.answers = [(429, {"Retry-After": "0"}, PROBLEM)] * 2
    with getimg.Client("k", base_url=server.url, retries=1) as client, pytest.raises(getimg.RateLimited) as refused:
        client.diffusions.get("d1")
    assert (refused.value.type, refused.value.retry_after) == ("rate_limit", 0.0)


def test_a_server_that_is_not_there_is_a_lost_connection() -> None:
    with getimg.Client("k", base_url="http://127.0.0.1:9", retries=0) as client, pytest.raises(getimg.ConnectionFailed):
        client.diffusions.get("d1")


def test_waiting_ends_when_its_time_is_over(server: Server) -> None:
    server.answers = [(200, {}, NEW)] * 50
    with getimg.Client("k", base_url=server.url) as client:
        diffusion = client.diffusions.get("d1")
        with pytest.raises(getimg.WaitTimeout):
            diffusion.wait(0.2, poll_seconds=0.05)


def test_waiting_hands_on_a_refusal_until_tomorrow(server: Server) -> None:
    server.answers = [(200, {}, NEW), (429, {"Retry-After": "46082"}, PROBLEM)]
    with getimg.Client("k", base_url=server.url) as client, pytest.raises(getimg.RateLimited):
        client.diffusions.get("d1").wait()
    assert len(server.seen) == 2


def test_between_answers_that_come_at_once_waiting_pauses_twice_as_long_each_time(server: Server) -> None:
    server.answers = [(200, {}, NEW)] * 50
    with getimg.Client("k", base_url=server.url) as client:
        diffusion = client.diffusions.get("d1")
        with pytest.raises(getimg.WaitTimeout):
            diffusion.wait(1.0, poll_seconds=0.05)
    assert len(server.seen) <= 8


def test_a_list_goes_on_page_after_page(server: Server) -> None:
    server.answers = [(200, {}, {"data": [NEW], "next": "c2"}), (200, {}, {"data": [DONE], "next": None})]
    with getimg.Client("k", base_url=server.url) as client:
        assert [one.status for one in client.diffusions.list(limit="1")] == ["NEW", "FINISHED"]
    assert server.seen[1][1] == "/v1/diffusions?limit=1&after=c2"


def test_the_async_client_does_the_same(server: Server) -> None:
    server.answers = [(503, {"Retry-After": "0"}, {}), (201, {}, NEW), (200, {}, DONE), (200, {}, {"data": [DONE]})]

    async def journey() -> list[str]:
        async with getimg.AsyncClient("k", base_url=server.url) as client:
            made = await client.diffusions.create(prompt="a fox")
            await made.wait()
            return [made.status, *[one.id async for one in client.diffusions.list()]]

    # In a thread of its own: the browser tests leave their event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: asyncio.run(journey())).result() == ["FINISHED", "d1"]


def test_without_a_key_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GETIMG_API_KEY", raising=False)
    with pytest.raises(ValueError, match="GETIMG_API_KEY"):
        getimg.Client()


def test_without_an_address_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GETIMG_BASE_URL", raising=False)
    with pytest.raises(ValueError, match="GETIMG_BASE_URL"):
        getimg.Client("k")
    with pytest.raises(ValueError, match="base_url"):
        getimg.AsyncClient("k")


def test_the_address_may_stand_in_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GETIMG_BASE_URL", server.url + "/")
    server.answers = [(200, {}, NEW)]
    with getimg.Client("k") as client:
        client.diffusions.get("d1")
    assert server.seen[0][1] == "/v1/diffusions/d1"


def test_use_is_asked_for_by_days_and_groups(server: Server) -> None:
    server.answers = [(200, {}, {})] * 3
    with getimg.Client("k", base_url=server.url) as client:
        client.usage()
        client.usage(since=date(2026, 11, 1), until="2026-11-21", group_by=("day", "model"))
        client.usage(group_by="key")
    assert [path for _, path, _, _ in server.seen] == [
        "/v1/usage?groupBy=day",
        "/v1/usage?from=2026-11-01&to=2026-11-21&groupBy=day%2Cmodel",
        "/v1/usage?groupBy=key",
    ]


# --- Webhooks -------------------------------------------------------------------------------------------------------

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()


def signed(body: bytes, at: int, secret: str = SECRET) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, f"msg_1.{at}.".encode() + body, hashlib.sha256).digest()).decode()
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(at), "Webhook-Signature": f"v1,AAAA v1,{signature}"}


def test_a_webhook_of_ours_is_read() -> None:
    body = b'{"type": "diffusion.finished"}'
    other = "whsec_" + base64.b64encode(b"another secret, another").decode()
    event = getimg.verify_webhook(body=body, headers=signed(body, int(time.time())), secret=[other, SECRET])
    assert event == {"type": "diffusion.finished"}


def test_a_signature_that_is_no_ascii_is_refused() -> None:
    headers = {**signed(b"{}", int(time.time())), "Webhook-Signature": "v1,é"}
    with pytest.raises(getimg.WebhookRefused):
        getimg.verify_webhook(body=b"{}", headers=headers, secret=SECRET)


@pytest.mark.parametrize(("shift", "change"), [(-301, b""), (301, b""), (0, b" ")])
def test_a_webhook_that_is_old_or_changed_is_refused(shift: int, change: bytes) -> None:
    body = b'{"type": "diffusion.finished"}'
    with pytest.raises(getimg.WebhookRefused):
        getimg.verify_webhook(body=body + change, headers=signed(body, int(time.time()) + shift), secret=SECRET)


# --- The package ----------------------------------------------------------------------------------------------------


def test_the_package_builds_with_its_types(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(ROOT / "clients" / "python", source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", f"--wheel-dir={tmp_path}", str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    (wheel,) = tmp_path.glob("getimg_client-*.whl")
    assert {"getimg/__init__.py", "getimg/py.typed"} <= set(zipfile.ZipFile(wheel).namelist())
