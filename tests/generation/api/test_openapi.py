"""The description is true: thousands of requests made from it find no answer that it does not describe.

The books are right after them.
"""

import itertools
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from django.conf import LazySettings
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.live_server_helper import LiveServer

from billing.audit import audit
from billing.models import CreditHold, Wallet
from generation import editor, params
from generation.api.names import TASKS, camel_case
from generation.models import ModelAlias
from tests.generation import connections
from tests.generation.api.calling import make_program
from tests.generation.api.painting import painter
from tests.generation.api.schema_hooks import is_allowed
from tests.generation.test_catalog import install
from tests.reliability.own_books import wrong_books
from tests.reliability.size import seed, size

logger = logging.getLogger(__name__)

HOOKS = "tests.generation.api.schema_hooks"


def test_the_description_is_openapi_3_1_in_both_languages(db: None) -> None:
    as_json = Client().get("/v1/openapi.json")
    as_yaml = Client().get("/v1/openapi.yaml")

    assert as_json.json()["openapi"] == "3.1.0"
    assert yaml.safe_load(as_yaml.content) == as_json.json()


def test_it_is_made_once_for_the_models_that_are_here(
    db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    first = Client().get("/v1/openapi.json").json()
    with django_assert_max_num_queries(1):
        assert Client().get("/v1/openapi.json").json() == first

    ModelAlias.objects.create(slug="brush", target="starter")

    fields = Client().get("/v1/openapi.json").json()["components"]["schemas"]["DiffusionRequest"]["properties"]
    assert "brush" in fields["model"]["anyOf"][0]["enum"]


def test_every_parameter_of_a_task_is_described(db: None) -> None:
    shapes = Client().get("/v1/openapi.json").json()["components"]["schemas"]

    described = shapes["DiffusionRequest"]["properties"]
    assert {camel_case(name) for name in params.FIELDS[TASKS[0]]} <= set(described)
    kinds = [one["$ref"].rpartition("/")[2] for one in shapes["AnyDiffusionRequest"]["oneOf"]]
    edits = {shapes[kind]["properties"]["task"]["const"]: shapes[kind] for kind in kinds[1:]}
    # No model that does the other two ships with the project.
    assert edits.keys() == {*TASKS[1:]} - {"instruct", "controlnet"}
    for task, shape in edits.items():
        assert set(shape["properties"]) == {"task", "ref", "quoteId", *map(camel_case, params.FIELDS[task])}
        bare = [name for name, part in shape["properties"].items() if not part.keys() - {"type"}]
        assert not bare, f"{task} says of {bare} no more than a type"
    assert described["numImages"]["maximum"] == params.NUM_IMAGES_MAX
    assert described["prompt"]["maxLength"] == params.PROMPT_MAX_LENGTH


def test_the_description_has_every_task_of_the_editor_that_a_model_here_can_do(
    db: None, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MODELS_DIR = tmp_path
    install(tmp_path, "instruct-pix2pix", "dreamshaper-8", "controlnet-canny")

    shapes = Client().get("/v1/openapi.json").json()["components"]["schemas"]

    kinds = [one["$ref"].rpartition("/")[2] for one in shapes["AnyDiffusionRequest"]["oneOf"]]
    tasks = {shapes[kind]["properties"]["task"].get("const") for kind in kinds}
    assert {*editor.EDITING_TASKS} <= tasks
    quoted = [one["$ref"].rpartition("/")[2] for one in shapes["AnyQuoteRequest"]["oneOf"]]
    assert {*editor.EDITING_TASKS} <= {shapes[kind]["properties"]["task"].get("const") for kind in quoted}


def test_every_method_says_what_can_go_wrong(db: None) -> None:
    paths = Client().get("/v1/openapi.json").json()["paths"]

    for path, item in paths.items():
        for method, operation in item.items():
            assert {"401", "403", "429", "503"} <= set(operation["responses"]), (method, path)
            for status in ("429", "503"):
                assert "Retry-After" in operation["responses"][status]["headers"], (method, path)
            assert all("X-Request-Id" in one["headers"] for one in operation["responses"].values()), (method, path)
            assert operation["operationId"]
            assert operation["summary"], (method, path)


def test_answers_say_what_became_of_a_requests_headers(db: None) -> None:
    paths = Client().get("/v1/openapi.json").json()["paths"]
    program = make_program()
    headers = {"Idempotency-Key": "one", "Prefer": "wait=1"}
    made, again = (program.post("diffusions", {"prompt": "a fox"}, **headers) for _ in range(2))
    looked = program.get(f"diffusions/{made.json()['id']}", Prefer="wait=1")

    def described(path: str, verb: str, status: str) -> set[str]:
        return {*paths[path][verb]["responses"][status]["headers"]}

    assert {"Preference-Applied", "Idempotency-Replayed"} <= {*again.headers} & described(
        "/v1/diffusions", "post", "201"
    )
    assert "Preference-Applied" in {*looked.headers} & described("/v1/diffusions/{diffusion_id}", "get", "200")
    assert "Idempotency-Replayed" in described("/v1/images/generations", "post", "200")
    assert "Idempotency-Replayed" not in described("/v1/diffusions", "get", "200")


def test_a_stream_is_described_as_one(db: None) -> None:
    paths = Client().get("/v1/openapi.json").json()["paths"]

    responses = paths["/v1/diffusions/{diffusion_id}/events"]["get"]["responses"]

    assert {*responses["200"]["content"]} == {"text/event-stream"}
    assert {"204", "307", "501"} <= {*responses}


def test_answers_lead_on_to_what_can_be_done_with_them(db: None) -> None:
    document = Client().get("/v1/openapi.json").json()
    operations = {one["operationId"]: one for item in document["paths"].values() for one in item.values()}
    links = {
        (name, status): response["links"]
        for name, one in operations.items()
        for status, response in one["responses"].items()
        if "links" in response
    }

    assert set(links["createDiffusion", "201"]) == {
        *("getDiffusion", "cancelDiffusion", "streamDiffusion", "getManifest", "deleteDiffusion")
    }
    assert {"getFile", "deleteFile", "image-to-image", "upscale"} <= set(links["createFile", "201"])
    for link in (link for found in links.values() for link in found.values()):
        named = {parameter["name"] for parameter in operations[link["operationId"]].get("parameters", ())}
        assert set(link.get("parameters", ())) <= named
        assert link.get("parameters") or link.get("requestBody")


@pytest.mark.parametrize(
    ("path", "sent", "allowed"),
    [
        ("/v1/images/generations", {"json": {"prompt": "a fox", "model": None}}, True),
        ("/v1/images/generations", {"json": {"prompt": "a fox", "model": 7}}, False),
        ("/v1/images/generations", {"json": {"model": "starter"}}, False),
        ("/v1/files", {"files": {"file": ("a.png", b"\x89PNG")}, "data": {"kind": "mask"}}, True),
        ("/v1/files", {"files": {"file": ("a.png", b"\x89PNG")}, "data": {"kind": "no kind"}}, False),
        ("/v1/files", {"files": {"another": ("a.png", b"\x89PNG")}, "data": {"kind": "mask"}}, False),
    ],
)
def test_a_body_is_judged_as_it_was_sent(db: None, path: str, sent: dict[str, Any], allowed: bool) -> None:
    description = Client().get("/v1/openapi.json").json()
    request = requests.Request("POST", "http://localhost" + path, **sent).prepare()

    assert is_allowed(description["paths"][path]["post"], description, request) is allowed


def test_wrong_books_are_found_after_the_requests(db: None) -> None:
    program = make_program(credits=10)
    assert_right_books()

    Wallet.objects.filter(user=program.user).update(balance=11)

    with pytest.raises(AssertionError, match="a balance is what its lines make"):
        assert_right_books()


# Without the phase that goes through every bound of every field: some 2,700 requests, minutes.
@pytest.mark.django_db(transaction=True)
def test_hundreds_of_requests_find_nothing_that_is_not_described(
    live_server: LiveServer, settings: LazySettings, tmp_path: Path
) -> None:
    assert send(live_server, settings, tmp_path, examples=8, begin=seed(1), phases="fuzzing,stateful") > 150


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_fifty_thousand_requests_find_nothing_that_is_not_described(
    live_server: LiveServer, settings: LazySettings, tmp_path: Path
) -> None:
    wanted, sent = size(50_000), 0
    for turn in itertools.count(seed(1)):
        # Some 10,000 requests: more of one go would find little that is new for operations with few parameters.
        sent += send(live_server, settings, tmp_path, examples=600, begin=turn)
        logger.warning("seed %d: %d cases by now", turn, sent)
        if sent >= wanted:
            break


def send(
    server: LiveServer, settings: LazySettings, folder: Path, *, examples: int, begin: int, phases: str = ""
) -> int:
    """Send what schemathesis makes of the description, with all its checks; returns how many cases that were.

    Fails where an answer or, after all of them, the books are wrong.

    begin: what its dice begin from. phases: its own names of those that are run; else all.
    """
    settings.API_RATE_KEY = settings.API_RATE_ACCOUNT = settings.API_RATE_GENERATE = 1_000_000
    settings.API_JOBS_WAITING_MAX = 1_000_000
    program = make_program(credits=100_000_000)
    # Read here: schemathesis gives a busy machine no more than ten seconds for it.
    description = folder / "openapi.json"
    description.write_bytes(Client().get("/v1/openapi.json").content)
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(description), "--url", server.url]
    command += ["--header", f"Authorization: Bearer {program.text}", "--checks", "all"]
    # A check of the hooks stands for it.
    command += ["--exclude-checks", "negative_data_rejection"]
    command += ["--max-examples", str(examples), "--seed", str(begin)]
    command += ["--phases", phases] if phases else []
    # Answers are held to the description; how long they take, on a machine that may be busy, is for the benchmarks.
    command += ["--request-timeout", "120", "--max-response-time", "120"]
    # A stream ends when its run does; the events have their own tests.
    command += ["--exclude-operation-id", "streamDiffusion"]
    command += ["--suppress-health-check", "all", "--no-color"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(settings.BASE_DIR)}
    # Addresses of pictures are made up; nothing is sent there, and nobody waits for an answer.
    report = folder / "schemathesis.txt"
    with painter(folder), connections.offline(), report.open("w") as out:
        done = subprocess.run(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT, check=False)
    said = report.read_text()
    assert done.returncode == 0, said[-8000:]
    found = re.search(r"([\d,]+) generated", said)
    assert found, said[-2000:]
    assert CreditHold.objects.exists(), "nothing was ordered"
    assert_right_books()
    return int(found[1].replace(",", ""))


def assert_right_books() -> None:
    """Let the laws of the checker and the product's audit look at all wallets. Fails with what they find."""
    assert wrong_books() == []
    assert [finding.fact for finding in audit()] == []
