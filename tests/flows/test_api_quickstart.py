"""The guide's own commands, host and key replaced, against the real server, queue and worker."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from tests.flows.clusters import gpu_cluster, wait_for
from tests.generation.api.calling import make_program
from tests.processes import free_port, tie_to_parent
from tests.rules.tree import ROOT, variables_read

pytestmark = pytest.mark.django_db(transaction=True)

GUIDES_POST = """curl -X POST https://api.getimage.io/v1/diffusions \\
-H 'Authorization: Bearer {API_KEY}' \\
-d '{"prompt": "Mountain village landscape, neo fauvist style", "model": "midjourney"}'"""
GUIDES_GET = """curl https://api.getimage.io/v1/diffusions/{ID} \\
-H 'Authorization: Bearer {API_KEY}' \\
"""
BODY = {"prompt": "Mountain village landscape, neo fauvist style", "model": "midjourney"}
# How each calls a body that it sends as it is.
RAW = {requests: "data", httpx: "content"}


@pytest.fixture
def server(child_environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Yield the address of the site as `make run` serves it, with a worker behind it."""
    port = str(free_port())
    environment = {**child_environment, "PORT": port, "WEB_PROCESSES": "1"}
    command = [sys.executable, "-m", "gunicorn", "--config", "getimg_site/gunicorn.py", "getimg_site.wsgi"]
    with (tmp_path / "web.log").open("ab") as log, gpu_cluster(environment, tmp_path):
        ties = tie_to_parent(signal.SIGTERM)
        web = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, preexec_fn=ties)
        address = f"http://localhost:{port}"
        try:
            wait_for(lambda: is_up(address), "the server", 60)
            yield address
        finally:
            web.terminate()
            web.wait()


def is_up(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def shell(command: str, server: str, key: str, **more: str) -> dict[str, Any]:
    """Run one of the guide's commands."""
    filled = command.replace("https://api.getimage.io", server).replace("{API_KEY}", key)
    for name, value in more.items():
        filled = filled.replace("{" + name + "}", value)
    done = subprocess.run(["bash", "-c", filled], capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def until_finished(look: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    def finished() -> dict[str, Any] | None:
        answer = look()
        assert answer["status"] in {"NEW", "PROCESSING", "FINISHED"}, answer
        return answer if answer["status"] == "FINISHED" else None

    return wait_for(finished, "the picture", 90)


def check(answer: dict[str, Any]) -> None:
    """A picture lies where the answer says."""
    assert answer["createdAt"] < answer["finishedAt"]
    (url,) = answer["images"]
    picture = httpx.get(url)
    assert (picture.status_code, picture.content[:4]) == (200, b"\x89PNG")


def test_the_guides_commands_bring_a_picture(server: str) -> None:
    key = make_program(credits=0, is_test=True).text

    made = shell(GUIDES_POST, server, key)

    assert made["status"] == "NEW"
    assert set(made) >= {"id", "status", "createdAt"}
    check(until_finished(lambda: shell(GUIDES_GET, server, key, ID=made["id"])))

    # The same, as other programs send it.
    headers = {"Authorization": f"Bearer {key}"}
    for client in (requests, httpx):
        for sent in ({"json": BODY}, {RAW[client]: json.dumps(BODY)}):
            again = client.post(f"{server}/v1/diffusions", headers={**headers, "Prefer": "wait=60"}, timeout=70, **sent)
            assert again.status_code == 201, again.text
            check(again.json())
    check(by_node(server, key))


def by_node(server: str, key: str) -> dict[str, Any]:
    """Send it with JavaScript's fetch, which calls a text body text/plain."""
    script = """
    const [server, key, body] = process.argv.slice(1);
    const headers = {Authorization: `Bearer ${key}`};
    const made = await (await fetch(`${server}/v1/diffusions`, {method: "POST", headers, body})).json();
    const options = {headers: {...headers, Prefer: "wait=60"}};
    console.log(await (await fetch(`${server}/v1/diffusions/${made.id}`, options)).text());
    """
    command = ["node", "--input-type=module", "--eval", script, server, key, json.dumps(BODY)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.journey
def test_the_guides_commands_draw_at_what_make_run_serves(tmp_path: Path) -> None:
    """From an empty DATA_DIR, with a live key and credits: everything that `make run` starts, and nothing else."""
    port = free_port(1)
    own = {name: value for name, value in os.environ.items() if name not in variables_read()}
    environment = {**own, "DATA_DIR": str(tmp_path / "data"), "PORT": str(port)}

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    address = f"http://localhost:{port}"
    command = ["make", "run", f"PORT={port}", f"DATA_DIR={tmp_path / 'data'}"]
    with (tmp_path / "run.log").open("ab") as log:
        site = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(lambda: is_up(address), "the site", 180)
        manage("grant_credits", "demo@example.com", "10", "--wallet", "api", "--reason", "a try")
        key = manage("create_api_key", "--user", "demo@example.com", "--name", "mine").split()[-1]
        made = shell(GUIDES_POST, address, key)
        found = until_finished(lambda: shell(GUIDES_GET, address, key, ID=made["id"]))
        assert httpx.get(found["images"][0]).content.startswith(b"\x89PNG")
    finally:
        os.killpg(site.pid, signal.SIGTERM)
        site.wait(60)
