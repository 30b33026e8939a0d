"""What schemathesis is told beside the description: how to make a prompt and a picture, and that links are whole.

It also hears that a body which the description allows is no wrong one, whatever was done to it before it was sent.

A part of the tests of the description, read by schemathesis itself (SCHEMATHESIS_HOOKS); Django is not there.
"""

import io
import json
from email.message import Message
from email.parser import BytesParser
from typing import Any

import jsonschema_rs
import schemathesis
from hypothesis import strategies as st
from PIL import Image
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.specs.openapi.checks import negative_data_rejection

_PROMPT = "x-template"
_PICTURE = "binary"
_REFERENCE = "x-reference"


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Name what is made here, as patterns alone make it slowly or not at all; take a link's body as it stands."""
    for shape in raw_schema["components"]["schemas"].values():
        for field in shape.get("properties", {}).values():
            of = field.get("items", field)
            if "__colour__" in of.get("description", ""):
                of["format"] = _PROMPT
            elif of.get("description", "").startswith("A picture: the id"):
                of["format"] = _REFERENCE
    for item in raw_schema["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                for link in response.get("links", {}).values():
                    link["x-schemathesis"] = {"merge_body": False}


def _templates() -> st.SearchStrategy[str]:
    """Return words with alternatives in them, and what only looks like some."""
    words = st.one_of(st.text(max_size=12), st.sampled_from([r"\{", r"\}", r"\|", "\\", "|", " ", "\n", "a fox", "🦊"]))

    def put_in_braces(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.lists(inner, max_size=3).map(lambda options: "{" + "|".join(options) + "}")

    choices = st.recursive(words, put_in_braces, max_leaves=6)
    made = st.one_of(st.text(max_size=60), st.lists(st.one_of(words, choices), max_size=4).map("".join))
    # Which lists there are is for their owner to say; a name that looks like one is refused where there is none.
    return made.filter(lambda text: "__" not in text)


def _pictures() -> st.SearchStrategy[bytes]:
    """Return small pictures of many colours, so that many are new."""
    return st.builds(_picture, st.tuples(*[st.integers(0, 255)] * 3), st.sampled_from([(64, 64), (96, 128), (256, 64)]))


def _picture(colour: tuple[int, ...], size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


schemathesis.openapi.format(_PROMPT, _templates())
schemathesis.openapi.format(_PICTURE, _pictures())
# Ids of what is not there: nobody can say beforehand what an address leads to, or whether base64 is a picture.
schemathesis.openapi.format(_REFERENCE, st.uuids().map(str) | st.uuids().map("image:{}".format))


@schemathesis.check
def what_is_forbidden_is_refused(context: Any, response: Any, case: Any) -> None:
    """Stand for `negative_data_rejection`, which calls wrong what a mutation left right: null, an escaped name."""
    try:
        negative_data_rejection(context, response, case)
    except AcceptedNegativeData:
        if not is_allowed(case.operation.definition.raw, case.operation.schema.raw_schema, response.request):
            raise


def is_allowed(operation: dict[str, Any], description: dict[str, Any], request: Any) -> bool:
    """Whether the body that was sent, a `requests.PreparedRequest`'s, is one that the operation describes."""
    kind = request.headers.get("Content-Type", "")
    shape = operation["requestBody"]["content"].get(kind.partition(";")[0], {}).get("schema")
    if shape is None or request.body is None:
        return False
    body = request.body.encode() if isinstance(request.body, str) else request.body
    sent = _fields(kind, body) if kind.startswith("multipart/") else json.loads(body)
    validator = jsonschema_rs.Draft202012Validator(
        {**shape, "components": description["components"]}, validate_formats=True
    )
    return bool(validator.is_valid(sent))


def _fields(kind: str, body: bytes) -> dict[str, str]:
    form = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    parts = [part for part in form.walk() if part is not form]
    return {_name(part): str(part.get_payload()) for part in parts}


def _name(part: Message) -> str:
    return str(part.get_param("name", header="content-disposition"))
