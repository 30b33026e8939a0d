"""The types that the installed `stripe` package was generated with, as values can be held against them.

Resource classes say what an answer looks like, TypedDicts what a request may hold. Their annotations are text that
names nested classes and imports made for the type checker alone; both are resolved here.
"""

import ast
import functools
import importlib
import operator
import sys
import types
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal, NotRequired, Required, Union, get_args, get_origin, is_typeddict

import stripe
import typing_extensions
from stripe._object_classes import OBJECT_CLASSES
from stripe._request_options import RequestOptions

# What a call is told beside its parameters (key, version, retries): the TypedDicts of requests inherit it.
_OPTIONS = set(RequestOptions.__annotations__)
_HOMES = (typing_extensions.NotRequired, NotRequired, Required, typing_extensions.Required)


def faults(value: Any, annotation: Any, path: str, *, partial: bool = False) -> Iterator[str]:
    """Yield a line for each place where the value does not fit the type. `partial`: keys may be missing."""
    origin = get_origin(annotation)
    if origin in _HOMES:
        yield from faults(value, get_args(annotation)[0], path, partial=partial)
    elif annotation is Any:
        return
    elif is_union(annotation):
        yield from _faults_of_union(value, get_args(annotation), path, partial)
    elif origin is Literal:
        if value not in get_args(annotation):
            yield f"{path} is {value!r}, not one of {get_args(annotation)}"
    elif origin in (list, tuple):
        yield from _faults_of_list(value, annotation, path, partial)
    elif origin is dict or getattr(origin or annotation, "__name__", "") == "UntypedStripeObject":
        if not isinstance(value, dict):
            yield f"{path} is {value!r}, no mapping"
    elif origin is not None and isinstance(origin, type) and issubclass(origin, stripe.ListObject):
        yield from _faults_of_page(value, get_args(annotation)[0], path, partial)
    elif isinstance(annotation, type) and issubclass(annotation, stripe.StripeObject):
        yield from _faults_of_object(value, annotation, path, partial)
    elif is_typeddict(annotation) or typing_extensions.is_typeddict(annotation):
        yield from _faults_of_params(value, annotation, path, partial)
    else:
        yield from _faults_of_plain(value, annotation, path)


def is_union(annotation: Any) -> bool:
    """Return whether a type is one of several."""
    return get_origin(annotation) in (Union, types.UnionType)


def resource(name: str) -> type[stripe.StripeObject]:
    """Return the class for what an object says it is: "checkout.session"."""
    module, cls = OBJECT_CLASSES[name]
    return getattr(importlib.import_module(module), cls)  # type: ignore[no-any-return]


@cache
def hints(cls: type) -> Mapping[str, Any]:
    """Return each key of a resource or a TypedDict with its resolved type."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__ if not _is_typeddict(cls) else (cls,)):
        if base.__module__.startswith("stripe") and base is not stripe.StripeObject:
            names = _names_in(base)
            for key, text in vars(base).get("__annotations__", {}).items():
                if not key.startswith("_") and not (_is_typeddict(cls) and key in _OPTIONS):
                    found[key] = _resolve(text, names)
    return {key: hint for key, hint in found.items() if get_origin(hint) is not ClassVar}


def _resolve(text: Any, names: dict[str, Any]) -> Any:
    if isinstance(text, str):
        return _resolve(eval(text, names), names)
    if hasattr(text, "__forward_arg__"):
        return _resolve(text.__forward_arg__, names)
    arguments = get_args(text)
    if not arguments or get_origin(text) is Literal:
        return text
    resolved = tuple(_resolve(argument, names) if _is_open(argument) else argument for argument in arguments)
    if resolved == arguments:
        return text
    origin = get_origin(text)
    if origin in (Union, types.UnionType):
        return functools.reduce(operator.or_, resolved)
    return text.copy_with(resolved) if hasattr(text, "copy_with") else origin[resolved]


def _is_open(argument: Any) -> bool:
    return isinstance(argument, str) or hasattr(argument, "__forward_arg__") or bool(get_args(argument))


@cache
def _names_in(cls: type) -> dict[str, Any]:
    """Return what a class body's annotations can name: its module, the imports for checkers, nested classes."""
    module = sys.modules[cls.__module__]
    names = {**vars(typing_extensions), **_imports_for_checkers(cls.__module__), **vars(module)}
    holder: Any = module
    for part in cls.__qualname__.split("."):
        holder = getattr(holder, part)
        names |= {key: value for key, value in vars(holder).items() if isinstance(value, type)}
    return names


@cache
def _imports_for_checkers(module_name: str) -> dict[str, Any]:
    source = Path(str(sys.modules[module_name].__file__)).read_text()
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("stripe"):
            for alias in node.names:
                target = importlib.import_module(node.module)
                found[alias.asname or alias.name] = getattr(target, alias.name)
    return found


def _is_typeddict(cls: type) -> bool:
    return is_typeddict(cls) or typing_extensions.is_typeddict(cls)


def _faults_of_union(value: Any, choices: tuple[Any, ...], path: str, partial: bool) -> Iterator[str]:
    if value is None and type(None) in choices:
        return
    reasons = [list(faults(value, choice, path, partial=partial)) for choice in choices if choice is not type(None)]
    # Literal[...] | str leaves room for values to come; those that are there now say the choice better.
    literals = [choice for choice in choices if get_origin(choice) is Literal]
    if literals and str in choices and isinstance(value, str) and not any(value in get_args(one) for one in literals):
        expandable = any(isinstance(choice, type) and choice not in (str, type(None)) for choice in choices)
        if not expandable:
            yield f"{path} is {value!r}, not one of {get_args(literals[0])}"
            return
    if not any(not reason for reason in reasons):
        yield from min(reasons, key=len)


def _faults_of_list(value: Any, annotation: Any, path: str, partial: bool) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path} is {value!r}, no list"
        return
    for position, item in enumerate(value):
        yield from faults(item, get_args(annotation)[0], f"{path}[{position}]", partial=partial)


def _faults_of_page(value: Any, item: Any, path: str, partial: bool) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("object") != "list":
        yield f"{path} is {value!r}, no list object"
        return
    for key in {"object", "data", "has_more", "url"} ^ set(value):
        yield f"{path}.{key}: missing or unknown in a list object"
    yield from _faults_of_list(value.get("data"), list[item], f"{path}.data", partial)


def _faults_of_object(value: Any, cls: type, path: str, partial: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is {value!r}, no {cls.__qualname__}"
        return
    yield from _faults_of_keys(value, hints(cls), path, partial)


def _faults_of_params(value: Any, cls: type, path: str, partial: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is {value!r}, no {cls.__qualname__}"
        return
    yield from _faults_of_keys(value, hints(cls), path, partial)


def _faults_of_keys(value: dict[str, Any], known: Mapping[str, Any], path: str, partial: bool) -> Iterator[str]:
    for key in value.keys() - known.keys():
        yield f"{path}.{key} is unknown"
    for key, hint in known.items():
        if key in value:
            yield from faults(value[key], hint, f"{path}.{key}", partial=partial)
        elif not partial and _is_required(hint):
            yield f"{path}.{key} is missing"


def _is_required(hint: Any) -> bool:
    return get_origin(hint) not in _HOMES and type(None) not in get_args(hint)


def _faults_of_plain(value: Any, annotation: Any, path: str) -> Iterator[str]:
    wanted = {"Decimal": str}.get(getattr(annotation, "__name__", ""), annotation)
    if not isinstance(wanted, type):
        raise TypeError(f"{path}: {annotation!r} is a type that nothing is held to")
    fitting = (int, float) if wanted is float else wanted
    if not isinstance(value, fitting) or (isinstance(value, bool) and wanted is not bool):
        yield f"{path} is {value!r}, no {wanted.__name__}"
