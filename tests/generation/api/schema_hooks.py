"""What schemathesis is told beside the description: how to make a prompt and a picture, and that links are whole.

A part of the tests of the description, read by schemathesis itself (SCHEMATHESIS_HOOKS); Django is not there.
"""

import io
from typing import Any

import schemathesis
from hypothesis import strategies as st
from PIL import Image

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
