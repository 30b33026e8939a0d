import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation.api.links import links_of
from tests.generation.api.calling import PROMPT, Program, make_program
from tests.generation.uploads import photograph, png_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return make_program(credits=10_000)


def create(program: Program, operation_id: str) -> dict[str, Any]:
    """Make one of what an operation makes."""
    if operation_id == "createFile":
        file = SimpleUploadedFile("a.png", png_of(photograph(96, 96)), "image/png")
        headers = {"Authorization": f"Bearer {program.text}"}
        answer = program.client.post("/v1/files", {"file": file}, headers=headers)
    elif operation_id == "createWebhook":
        answer = program.post("webhooks", {"url": "https://example.com/hook"})
    else:
        answer = program.post("diffusions", PROMPT)
    assert answer.status_code in (200, 201), answer.content
    found: dict[str, Any] = answer.json()
    return found


def follow(program: Program, link: dict[str, Any], operations: dict[str, Any], made: dict[str, Any]) -> int:
    """Send what a link says, in a world where `made` was the answer; returns the status, which is described."""
    verb, path, operation = operations[link["operationId"]]
    address = path.format(**dict.fromkeys(link.get("parameters", {}), made["id"]))
    body = json.dumps(link.get("requestBody", {})).replace("$response.body#/id", made["id"])
    headers = {"Authorization": f"Bearer {program.text}"}
    answer = program.client.generic(verb.upper(), address, body, "application/json", headers=headers)
    assert str(answer.status_code) in operation["responses"], answer.content
    return answer.status_code


@pytest.mark.parametrize("made_by", ["createDiffusion", "createWebhook", "createFile"])
def test_each_link_can_be_followed_as_it_stands(program: Program, made_by: str) -> None:
    paths = Client().get("/v1/openapi.json").json()["paths"]
    every = [(verb, path, one) for path, item in paths.items() for verb, one in item.items()]
    operations = {one["operationId"]: (verb, path, one) for verb, path, one in every}
    (_, _, operation) = operations[made_by]
    links = operation["responses"]["201"]["links"]
    assert links

    found = {name: follow(program, link, operations, create(program, made_by)) for name, link in links.items()}

    assert {name: status for name, status in found.items() if status >= 400 and name != "streamDiffusion"} == {}
    assert all(found[name] == 201 for name, link in links.items() if "requestBody" in link)


def test_what_was_made_can_be_looked_at_and_taken_away() -> None:
    for operation, status, parameter in (
        ("createDiffusion", "201", "diffusion_id"),
        ("createWebhook", "201", "webhook_id"),
        ("createFile", "200", "file_id"),
    ):
        links = links_of(operation)[status].values()
        named = {link["operationId"] for link in links if link.get("parameters") == {parameter: "$response.body#/id"}}
        kind = operation.removeprefix("create")
        assert {f"get{kind}", f"delete{kind}"} <= named


def test_a_file_leads_to_each_task_that_one_picture_is_enough_for() -> None:
    bodies = {
        name: link["requestBody"] for name, link in links_of("createFile")["201"].items() if "requestBody" in link
    }

    assert bodies["upscale"] == {"task": "upscale", "image": "$response.body#/id"}
    assert bodies["image-to-image"]["prompt"]
    assert not {"inpaint", "blend", "instruct"} & set(bodies)


@pytest.mark.parametrize(
    ("operation", "look", "parameter"),
    [("listDiffusions", "getDiffusion", "diffusion_id"), ("listFiles", "getFile", "file_id")],
)
def test_a_list_leads_to_its_first_and_to_the_next_page(operation: str, look: str, parameter: str) -> None:
    links = links_of(operation)["200"]

    next_page = {"operationId": operation, "parameters": {"after": "$response.body#/next"}}
    assert links["nextPage"] == next_page
    assert links[look]["parameters"] == {parameter: "$response.body#/data/0/id"}


def test_what_ends_leads_nowhere() -> None:
    assert links_of("deleteDiffusion") == {}
