"""Errors told to Sentry, in a process of its own (the SDK is one a process), to a server that keeps what it is sent."""

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli
import pytest

CANARY = "a-canary-that-nobody-may-read"
_BREAK = f"""
import django
django.setup()
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory, override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

@csrf_exempt
def broken(request, word):
    prompt = "{CANARY}"
    raise RuntimeError("it broke")

urlpatterns = [path("broken/<str:word>/", broken)]
answers = []
with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"]):
    headers = {{"Authorization": "Bearer {CANARY}", "Cookie": "theme={CANARY}"}}
    request = RequestFactory().post("/broken/1/?prompt={CANARY}", {{"prompt": "{CANARY}"}}, headers=headers)
    # As gunicorn calls it.
    list(WSGIHandler()(request.environ, lambda status, _: answers.append(status)))
assert answers == ["500 Internal Server Error"]
import sentry_sdk
sentry_sdk.flush(10)
"""


class _Keeper(BaseHTTPRequestHandler):
    """Keeps every envelope."""

    kept: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        read = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers.get("Content-Encoding", ""), bytes)
        self.kept.append(read(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def sentry() -> Iterator[tuple[str, list[bytes]]]:
    kept: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Keeper", (_Keeper,), {"kept": kept}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://key@127.0.0.1:{server.server_port}/1", kept
    server.shutdown()
    server.server_close()


def test_where_it_broke_is_told_and_nobodys_words(sentry: tuple[str, list[bytes]], tmp_path: Path) -> None:
    dsn, kept = sentry
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "SENTRY_DSN": dsn}
    environment |= {"DJANGO_SETTINGS_MODULE": "getimg_site.settings", "PYTHONPATH": "."}

    subprocess.run([sys.executable, "-c", _BREAK], env=environment, check=True, timeout=120)

    sent = b"\n".join(kept).decode()
    (event,) = (item for line in sent.splitlines() if line and (item := json.loads(line)).get("exception"))
    assert event["exception"]["values"][-1]["value"] == "it broke"
    assert event["request"] == {"method": "POST", "url": "http://testserver/broken/1/"}
    assert CANARY not in sent
