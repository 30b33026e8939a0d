"""Write the clients' types from the API's own description: `python clients/write_types.py`, after any change to it.

It needs an installation's database (`make run` once).

What a field may hold beyond its type (bounds, patterns, which models there are here) is left out: it differs from one
installation to the next. A test holds the written files to what is written here.
"""

import keyword
import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import django

Shape = dict[str, Any]
Shapes = Mapping[str, Shape]

FOLDER = Path(__file__).parent
PYTHON = FOLDER / "python" / "getimg" / "_types.py"
TYPESCRIPT = FOLDER / "typescript" / "src" / "types.ts"
# What a request may ask for, whatever the task.
REQUEST = "DiffusionRequest"
# The Python client has dataclasses of its own for what a diffusion is.
_FIELDS = "DiffusionFields"
_IN_PYTHON = ("Quote", "Model", "File", "Account", "Usage")
_IN_TYPESCRIPT = ("Diffusion", "Notice", "Output", "Error", *_IN_PYTHON)
# `Error` and `File` are words of JavaScript's own.
_CALLED = {"Error": "Failure", "File": "SentFile"}
# Values that differ from one installation to the next.
_OPEN = {"model", "scheduler"}
# Longer ones are broken.
_LINE = 114


def described() -> Shapes:
    """Return the shapes of an installation, and of a request the fields of all tasks, be they installed or not."""
    from generation.api import account_shapes, names, requests, schemas, task_shapes

    shapes = {**schemas.shapes(), **account_shapes.shapes()}
    about = {name: {"type": "string"} for name in requests.ABOUT_FIELDS}
    task = {"type": "string", "enum": [*names.TASKS]}
    fields = {**schemas.request_fields(), **task_shapes.own_fields(), **about, "task": task}
    # Null says the same as to leave a field out.
    return {**shapes, REQUEST: {"properties": {name: _without_null(of) for name, of in fields.items()}}}


def python(shapes: Shapes) -> str:
    """Return the Python client's types."""
    head = (
        '"""The types of requests and answers. Written from the description by `clients/write_types.py`."""\n\n'
        "from __future__ import annotations\n\nfrom typing import Literal, TypedDict\n"
    )
    request = {
        "properties": {_snake(name): of for name, of in shapes[REQUEST]["properties"].items() if name != "prompt"}
    }
    about = "The fields of a request beside its prompt, in snake_case."
    fields = [_typed_dict(name, of, about if name == _FIELDS else "") for name, of in _flat(_FIELDS, request)]
    found = [*fields, *_python_all(shapes)]
    return head + "".join(f"\n\n{one}" for one in found)


def typescript(shapes: Shapes) -> str:
    """Return the TypeScript client's types."""
    head = "/** The types of requests and answers. Written from the description by `clients/write_types.py`. */\n"
    found = []
    for name in (REQUEST, *_IN_TYPESCRIPT):
        found += [_interface(inner, shape) for inner, shape in _flat(name, shapes[name])]
    return head + "".join(f"\n{one}" for one in found)


def _python_all(shapes: Shapes) -> Iterable[str]:
    for name in _IN_PYTHON:
        for inner, shape in _flat(name, shapes[name]):
            yield _typed_dict(inner, shape, "")


def _flat(name: str, shape: Shape) -> Iterable[tuple[str, Shape]]:
    """Return an object and those within it, each under a name of its own, the inner ones first."""
    properties = {}
    for field, of in shape["properties"].items():
        items = of.get("items", of)
        if "properties" not in items:
            properties[field] = of
            continue
        inner = name + field[0].upper() + field[1:]
        yield from _flat(inner, items)
        named = {"$ref": f"/{inner}"}
        kinds = [named, {"type": "null"}] if "null" in of["type"] else [named]
        properties[field] = {"type": "array", "items": named} if "items" in of else {"oneOf": kinds}
    yield name, {**shape, "properties": properties}


def _typed_dict(name: str, shape: Shape, about: str) -> str:
    must = set(shape.get("required", ()))
    always = {field: of for field, of in shape["properties"].items() if field in must}
    rest = {field: of for field, of in shape["properties"].items() if field not in must}
    text, base = "", "TypedDict"
    if any(map(keyword.iskeyword, shape["properties"])):
        lines = "".join(f'        "{field}": {_python_type(field, of)},\n' for field, of in always.items())
        return f'{name} = TypedDict(\n    "{name}",\n    {{\n{lines}    }},\n)\n'
    if always and rest:
        text = f"class _{name}Always({base}):\n{_python_fields(always)}\n\n"
        base = f"_{name}Always"
    head = f"class {name}({base}{', total=False' if rest else ''}):\n"
    told = f'    """{about}"""\n\n' if about else ""
    return text + head + told + _python_fields(rest or always)


def _python_fields(fields: Mapping[str, Shape]) -> str:
    return "".join(f"    {name}: {_python_type(name, of)}\n" for name, of in fields.items())


def _python_type(name: str, of: Shape) -> str:
    words = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
    kinds = _kinds(name, of)
    if isinstance(kinds, list):
        values = [_quoted(kind) for kind in kinds]
        line = f"Literal[{', '.join(values)}]"
        lines = "".join(f"        {value},\n" for value in values)
        return line if len(line) + len(name) < _LINE else f"Literal[\n{lines}    ]"
    names = []
    for kind in kinds:
        inner = of.get("items", {})
        names.append(f"list[{_python_type('', inner)}]" if kind == "array" else words.get(kind, kind))
    return " | ".join(names)


def _interface(name: str, shape: Shape) -> str:
    must = set(shape.get("required", ()))
    lines = "".join(
        f"  {field}{'' if field in must else '?'}: {_typescript_type(field, of)};\n"
        for field, of in shape["properties"].items()
    )
    return f"export interface {_CALLED.get(name, name)} {{\n{lines}}}\n"


def _typescript_type(name: str, of: Shape) -> str:
    words = {"string": "string", "integer": "number", "number": "number", "object": "Record<string, unknown>"}
    kinds = _kinds(name, of)
    if isinstance(kinds, list):
        return " | ".join(_quoted(kind) for kind in kinds)
    names = []
    for kind in kinds:
        inner = of.get("items", {})
        array = f"{_grouped(_typescript_type('', inner))}[]" if kind == "array" else ""
        names.append(array or words.get(kind) or _CALLED.get(kind, kind))
    return " | ".join(names)


def _kinds(name: str, of: Shape) -> list[Any] | tuple[str, ...]:
    """Return the values that a field may have (a list), or the names of its types (a tuple)."""
    if "const" in of:
        return [of["const"]]
    if "enum" in of and name not in _OPEN:
        return [*of["enum"]]
    if "$ref" in of:
        return (of["$ref"].rpartition("/")[2],)
    if "oneOf" in of:
        return tuple(kind for one in of["oneOf"] for kind in _kinds(name, one))
    types = of["type"]
    return tuple(types) if isinstance(types, list) else (types,)


def _without_null(of: Shape) -> Shape:
    types = of["type"]
    return {**of, "type": next(one for one in types if one != "null") if isinstance(types, list) else types}


def _quoted(value: Any) -> str:
    return "null" if value is None else f'"{value}"' if isinstance(value, str) else str(value)


def _grouped(text: str) -> str:
    return f"({text})" if "|" in text else text


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda found: "_" + found[0].lower(), name)


if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "getimg_site.settings")
    django.setup()
    PYTHON.write_text(python(described()))
    TYPESCRIPT.write_text(typescript(described()))
