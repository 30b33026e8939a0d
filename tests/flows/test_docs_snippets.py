"""Every snippet of the developers' pages, run as it stands there against a real server and a real worker."""

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from generation import catalog, lora_uploads
from generation.lora_uploads import Brought
from getimg_site import docs
from tests.debian import find_binary
from tests.factories import make_user
from tests.flows.clusters import gpu_cluster, wait_for
from tests.generation.api.calling import make_program
from tests.generation.loras import save_lora
from tests.generation.uploads import photograph
from tests.processes import free_port
from tests.rules.tree import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
# Those that need more than a server: tested apart below.
APART = {"webhooks/receive.mjs", "webhooks/receive.py", "clients/picture.mjs", "polling/events.sh"}
ONE_BY_ONE = sorted(set(docs.snippet_files()) - APART)
Run = Callable[..., str]


@pytest.fixture
def developer() -> User:
    return make_user()


@pytest.fixture
def run(
    live_server: LiveServer,
    developer: User,
    settings: LazySettings,
    child_environment: dict[str, str],
    tmp_path: Path,
) -> Iterator[Run]:
    """Yield what runs a snippet as a developer would, with a test key; a worker draws meanwhile."""
    settings.SITE_URL = live_server.url
    photograph().save(tmp_path / "photo.png")
    key = make_program(0, user=developer, is_test=True).text

    def run(file: str, **values: str) -> str:
        text = docs.rendered(file, **{"api_url": live_server.url, "api_key": key, **values})
        return execute(file, text, tmp_path)

    with gpu_cluster(child_environment, tmp_path, ENGINE_NOOP_SECONDS="0.05"):
        yield run


def execute(file: str, text: str, folder: Path) -> str:
    """Run a snippet in its language; returns what it printed. Fails where it ends badly."""
    script = folder / f"snippet.{file.rpartition('.')[2]}"
    script.write_text(text)
    program = {"sh": ["bash", "-eu"], "mjs": [find_binary("node", package="nodejs")], "py": [sys.executable]}
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "clients" / "python")}
    done = subprocess.run(
        [*program[script.suffix[1:]], str(script)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, f"{file}\n{text}\n{done.stdout}{done.stderr}"
    return done.stdout


def a_diffusion(run: Run) -> str:
    """Ask for a picture with the guide's own command; returns its id."""
    found = json.loads(run("quick_start/create.sh"))
    assert found["status"] == "NEW"
    return str(found["id"])


def test_every_snippet_runs_in_every_language(run: Run, developer: User, tmp_path: Path) -> None:
    id = a_diffusion(run)
    lora = save_lora(tmp_path / "bruno.safetensors", catalog.MODELS["starter"].folder)
    own = lora_uploads.keep(developer, lora, Brought("Bruno", "starter", "bruno7"))
    for ending in ("sh", "mjs", "py"):
        assert "FINISHED" in run(f"polling/wait.{ending}", id=id)
    image_url = json.loads(run("quick_start/look.sh", id=id))["images"][0]

    for file in ONE_BY_ONE:
        told = run(file, id=id, image_url=image_url, model_id=str(own.pk))
        if file.startswith("quick_start/save"):
            picture = tmp_path / "picture.png"
            assert picture.read_bytes().startswith(b"\x89PNG"), file
            picture.unlink()
        elif file.startswith("errors/"):
            assert "invalid_value" in told, file
            assert "steps" in told, file
        elif file.startswith(("edits/", "models/")):
            assert json.loads(told)["id"], file
        elif file.startswith(("openai/", "clients/")):
            with urlopen(re.findall(r"http\S+", told)[0]) as answer:
                assert answer.read(4) == b"\x89PNG", file
        else:
            assert told.strip(), file


def test_a_run_is_followed_by_its_events_as_the_page_says(
    run: Run, settings: LazySettings, child_environment: dict[str, str]
) -> None:
    port = free_port()
    settings.EVENTS_URL = f"http://localhost:{port}"
    environment = {**child_environment, "EVENTS_PORT": str(port)}
    with subprocess.Popen([sys.executable, "manage.py", "events"], cwd=ROOT, env=environment) as streams:
        try:
            wait_for(lambda: listens(port), "the events process", 60)
            told = run("polling/events.sh", id=a_diffusion(run))
        finally:
            streams.terminate()

    assert "event: " in told
    assert "FINISHED" in told.rstrip().rpartition("event: ")[2]


def listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def test_the_typescript_client_draws_as_its_page_says(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "node_modules" / "@getimg" / "client"
    source = ROOT / "clients" / "typescript"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules", "dist"))
    npm = find_binary("npm", package="npm")
    cache = f"--cache={os.environ['DATA_DIR']}/npm"
    for command in ([npm, "ci", "--no-audit", "--no-fund", cache], [npm, "run", "build"]):
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=240)
    assert len(re.findall(r"^\d+ http", run("clients/picture.mjs"), re.MULTILINE)) == 2


@pytest.mark.parametrize("file", ["webhooks/receive.mjs", "webhooks/receive.py"])
def test_a_receiver_takes_what_we_sign_and_nothing_else(file: str, tmp_path: Path) -> None:
    from getimg_site import docs as pages

    port = free_port()
    script = tmp_path / file.rpartition("/")[2]
    script.write_text(pages.rendered(file, webhook_secret=SECRET, port=port))
    program = sys.executable if script.suffix == ".py" else find_binary("node", package="nodejs")
    with subprocess.Popen([program, str(script)], stdout=subprocess.PIPE, text=True) as receiver:
        try:
            assert send(port, SECRET) == 204
            assert send(port, "whsec_" + base64.b64encode(b"another secret").decode()) == 401
            assert send(port, SECRET, age_seconds=600) == 401
            assert receiver.stdout is not None
            assert receiver.stdout.readline() == "diffusion.finished d1\n"
        finally:
            receiver.kill()


def send(port: int, secret: str, age_seconds: int = 0) -> int:
    """Send an event as we would; returns the receiver's answer."""
    import hashlib
    import hmac

    import requests

    body = json.dumps({"type": "diffusion.finished", "data": {"id": "d1"}}).encode()
    at = str(int(time.time()) - age_seconds)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, f"msg_1.{at}.".encode() + body, hashlib.sha256).digest()).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": at, "webhook-signature": f"v1,{signature}"}
    for _ in range(100):
        try:
            return requests.post(f"http://127.0.0.1:{port}/", data=body, headers=headers, timeout=5).status_code
        except requests.ConnectionError:
            time.sleep(0.1)  # it is starting
    raise TimeoutError("the receiver did not start")
