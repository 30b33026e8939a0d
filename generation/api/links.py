"""Where each answer of the API leads, as OpenAPI's links: what a client can do next with the id it was given.

A link's body is whole: nothing need be added to it.
"""

from typing import Any

from generation.api import task_shapes
from generation.api.names import TASKS

Link = dict[str, Any]

_OF_ONE = {
    "Diffusion": (
        "diffusion_id",
        ("getDiffusion", "cancelDiffusion", "streamDiffusion", "getManifest", "deleteDiffusion"),
    ),
    "Webhook": ("webhook_id", ("getWebhook", "updateWebhook", "rotateWebhookSecret", "testWebhook", "deleteWebhook")),
    "File": ("file_id", ("getFile", "deleteFile")),
}
# What begins one: its answers' statuses, and the kind of thing that comes of it.
_MAKES = {
    "createDiffusion": ((201,), "Diffusion"),
    "createWebhook": ((201,), "Webhook"),
    "createFile": ((200, 201), "File"),
}
_LISTS = {
    "listDiffusions": ("Diffusion", "data"),
    "listFiles": ("File", "data"),
    "listWebhooks": ("Webhook", "webhooks"),
}
# What a task needs beside its picture.
_BESIDE = {"prompt": "A harbour in the evening", "right": 64}


def links_of(operation_id: str) -> dict[str, dict[str, Link]]:
    """Return an operation's links by the status of the answer that they stand in."""
    if operation_id in _MAKES:
        statuses, kind = _MAKES[operation_id]
        links = _to_one(kind, "$response.body#/id")
        if kind == "File":
            links |= _from_file()
        return {str(status): links for status in statuses}
    if operation_id in _LISTS:
        kind, field = _LISTS[operation_id]
        links = _to_one(kind, f"$response.body#/{field}/0/id")
        if field == "data":  # page by page
            links["nextPage"] = {"operationId": operation_id, "parameters": {"after": "$response.body#/next"}}
        return {"200": links}
    return {}


def _to_one(kind: str, expression: str) -> dict[str, Link]:
    parameter, operations = _OF_ONE[kind]
    return {name: {"operationId": name, "parameters": {parameter: expression}} for name in operations}


def _from_file() -> dict[str, Link]:
    """Return how to begin each task that one picture is enough for."""
    found = {}
    for task in TASKS[1:]:
        needed = {*task_shapes.needed(task), *(["right"] if task_shapes.together(task) else [])}
        if not task_shapes.installed(task) or needed - {"image", *_BESIDE}:
            continue
        beside = {name: value for name, value in _BESIDE.items() if name in needed}
        body = {"task": task, "image": "$response.body#/id", **beside}
        found[task] = {"operationId": "createDiffusion", "requestBody": body}
    return found
