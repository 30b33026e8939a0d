"""The reference, read from the API's own OpenAPI description: every address, parameter and field."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from drf_spectacular.generators import SchemaGenerator

Schema = dict[str, Any]
_VERBS = ("get", "post", "patch", "put", "delete")
_DEPTH = 3
# Making the description takes a second.
_REMEMBERED_SECONDS = 300


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body."""

    name: str
    type: str
    about: str
    is_required: bool


@dataclass(frozen=True)
class Operation:
    """A verb on an address."""

    id: str
    verb: str
    path: str
    summary: str
    about: str
    parameters: tuple[Field, ...]
    request: tuple[Field, ...]
    answer: tuple[Field, ...]
    statuses: tuple[tuple[str, str], ...]


def operations() -> tuple[Operation, ...]:
    """Return every operation, in the description's order. Which models there are may change within minutes."""
    return cache.get_or_set("docs:operations", _operations, _REMEMBERED_SECONDS) or ()


def _operations() -> tuple[Operation, ...]:
    schema: Schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return tuple(
        _operation(schema, path, verb, methods[verb])
        for path, methods in schema["paths"].items()
        for verb in _VERBS
        if verb in methods
    )


def _operation(schema: Schema, path: str, verb: str, found: Schema) -> Operation:
    summary, _, about = found.get("description", "").partition("\n")
    answers = found.get("responses", {})
    good: Schema = next((answers[status] for status in ("200", "201", "204") if status in answers), {})
    return Operation(
        id=found["operationId"],
        verb=verb.upper(),
        path=path,
        summary=found.get("summary") or summary,
        about=about.strip() if not found.get("summary") else found.get("description", ""),
        parameters=tuple(_parameter(schema, one) for one in found.get("parameters", [])),
        request=_request(schema, _body(found.get("requestBody", {}))),
        answer=_fields(schema, _body(good)),
        statuses=tuple((status, answer.get("description", "")) for status, answer in answers.items()),
    )


def _parameter(schema: Schema, found: Schema) -> Field:
    of = _resolved(schema, found.get("schema", {}))
    name = found["name"] if found["in"] != "header" else f"{found['name']} (header)"
    about = str(found.get("description") or of.get("description") or "")
    return Field(name, _type(schema, of), about, found.get("required", False))


def _body(found: Schema) -> Schema:
    content = found.get("content", {})
    for media in content.values():
        schema: Schema = media.get("schema", {})
        return schema
    return {}


def _request(schema: Schema, of: Schema) -> tuple[Field, ...]:
    """Return the fields of a body; where each task has a shape those of all, each with the tasks it belongs to."""
    of = schema["components"]["schemas"].get(of.get("$ref", "").rpartition("/")[2], of)
    kinds = [_resolved(schema, one) for one in of.get("oneOf", ())]
    if not kinds:
        return _fields(schema, of)
    by_task = {_task_of(kind): {field.name: field for field in _fields(schema, kind)} for kind in kinds}
    names = dict.fromkeys(name for fields in by_task.values() for name in fields)
    return tuple(_merged(name, by_task) for name in names)


def _task_of(kind: Schema) -> str:
    task = kind["properties"]["task"]
    return str(task.get("const") or task["enum"][0])


def _merged(name: str, by_task: dict[str, dict[str, Field]]) -> Field:
    """Return a field of a body with several shapes: which tasks need it, which take it, which refuse it."""
    having = {task: fields[name] for task, fields in by_task.items() if name in fields}
    first = next(iter(having.values()))
    if name == "task":
        return Field(name, " · ".join(by_task), f"Left out, it is {next(iter(by_task))}.", False)
    needing = [task for task, field in having.items() if field.is_required]
    refusing = [task for task in by_task if task not in having]
    if needing == list(by_task) or (needing == list(having) and "." in name):
        return first
    words = _belongs(needing, [task for task in having if task not in needing], refusing)
    type_, values = _types(having)
    return Field(name, type_, " ".join(part for part in (words, values, first.about) if part), False)


def _types(having: dict[str, Field]) -> tuple[str, str]:
    """Return a field's type, and where the tasks take other values each, which these are."""
    by_values: dict[str, list[str]] = {}
    for task, field in having.items():
        by_values.setdefault(field.type.removesuffix(", or null"), []).append(task)
    if len(by_values) == 1:
        return next(iter(having.values())).type, ""
    return "string", " ".join(f"With {', '.join(tasks)}: {_as_code(values)}." for values, tasks in by_values.items())


def _as_code(values: str) -> str:
    return ", ".join(f"`{value}`" for value in values.split(" · "))


def _belongs(needing: list[str], taking: list[str], refusing: list[str]) -> str:
    if not needing:
        if not refusing:
            return ""
        is_short = len(refusing) < len(taking)
        return f"Refused by {', '.join(refusing)}." if is_short else f"Of {', '.join(taking)}."
    parts = (("Required by", needing), ("may be left out of", taking), ("refused by", refusing))
    return "; ".join(f"{words} {', '.join(tasks)}" for words, tasks in parts if tasks) + "."


def _fields(schema: Schema, of: Schema, prefix: str = "", depth: int = _DEPTH) -> tuple[Field, ...]:
    """Return an object's fields, those of the objects in it right after them."""
    of = _resolved(schema, of)
    fields: list[Field] = []
    for name, value in of.get("properties", {}).items():
        inner = _resolved(schema, value)
        is_required = name in of.get("required", [])
        about = value.get("description") or inner.get("description", "")
        fields.append(Field(f"{prefix}{name}", _type(schema, inner), about, is_required))
        nested = _resolved(schema, inner.get("items", inner))
        if depth > 1 and "properties" in nested:
            mark = "[]." if "items" in inner else "."
            fields += _fields(schema, nested, f"{prefix}{name}{mark}", depth - 1)
    return tuple(fields)


def _resolved(schema: Schema, of: Schema) -> Schema:
    """Return what a reference means; of several possibilities the one that is not null."""
    if "properties" in of:
        return of  # conditions on its fields may stand beside them
    for one in (*of.get("allOf", ()), *of.get("oneOf", ()), *of.get("anyOf", ())):
        if one.get("type") != "null":
            return {**_resolved(schema, one), **{key: value for key, value in of.items() if key == "description"}}
    if "$ref" not in of:
        return of
    kind, name = of["$ref"].split("/")[-2:]
    return _resolved(schema, schema["components"][kind][name])


def _type(schema: Schema, of: Schema) -> str:
    kinds = of.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    words = [kind for kind in kinds if kind != "null"]
    if words == ["array"]:
        words = [f"list of {_type(schema, _resolved(schema, of.get('items', {})))}"]
    if "enum" in of:
        words = [" · ".join(str(value) for value in of["enum"] if value is not None)]
    bounds = [f"{sign} {of[key]:,.12g}" for key, sign in (("minimum", "≥"), ("maximum", "≤")) if key in of]
    return ", ".join([*words, *bounds, *(["or null"] if "null" in kinds else [])])
