import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from getimg_site import metrics
from getimg_site.metrics import MetricsMiddleware
from tests.flows.clusters import wait_for
from tests.getimg_site.scraping import TOKEN, figures, read
from tests.processes import free_port
from tests.rules.tree import ROOT


@pytest.mark.django_db
def test_requests_are_timed_by_view_and_never_by_what_was_typed(settings: LazySettings) -> None:
    settings.METRICS_TOKEN = TOKEN
    settings.MIDDLEWARE = [f"{MetricsMiddleware.__module__}.MetricsMiddleware", *settings.MIDDLEWARE]
    client = Client()
    client.get("/faq/")
    client.get("/v1/models")
    client.get("/somebody@example.com/")
    client.generic("INVENTED", "/faq/")

    text = read(client)

    found = figures(text)
    assert found["getimg_request_seconds_count GET 200 faq"] == 1
    assert found["getimg_request_seconds_count GET 401 api:models"] == 1
    assert found["getimg_request_seconds_count GET 404 none"] == 1
    assert found["getimg_request_seconds_count other 405 faq"] == 1
    assert "somebody" not in text


def test_the_processes_of_a_host_are_counted_together(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "PORT": str(port), "WEB_PROCESSES": "2"}
    environment |= {"METRICS_TOKEN": TOKEN, "DJANGO_SETTINGS_MODULE": "getimg_site.settings"}
    command = [sys.executable, "-m", "gunicorn", "--config", "getimg_site/gunicorn.py", "getimg_site.wsgi"]

    def get(path: str) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return str(response.read().decode())

    def answers() -> bool:
        try:
            return bool(get("/healthz"))
        except (OSError, urllib.error.URLError):
            return False

    with subprocess.Popen(command, env=environment) as server:
        try:
            wait_for(answers, "the server", 60)
            before = figures(get("/metrics"))["getimg_request_seconds_count GET 200 healthz"]
            for _ in range(40):
                get("/healthz")
            counts = {figures(get("/metrics"))["getimg_request_seconds_count GET 200 healthz"] for _ in range(5)}
        finally:
            server.terminate()
    assert counts == {before + 40}


@pytest.mark.django_db
def test_each_alert_and_each_line_of_the_docs_is_of_a_figure_that_there_is() -> None:
    metrics._REQUESTS.labels("GET", "landing", "200").observe(0.1)
    known = set(re.findall(r"^(?:# HELP )?(getimg_\w+)", metrics.text().decode(), flags=re.MULTILINE))
    asked = set(re.findall(r"\bgetimg_\w+", (ROOT / "docs" / "alerts.yml").read_text()))
    assert asked <= known, asked - known
    (table,) = re.findall(r"^\| figure .*\n\|---.*\n((?:\|.*\n)+)", (ROOT / "docs" / "operations.md").read_text(), re.M)
    explained = {f"getimg_{name}" for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert explained, "a table of figures"
    assert explained <= known, explained - known
    assert "getimg_cache_up" in known
