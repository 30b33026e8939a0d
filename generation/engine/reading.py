"""Read JSON into frozen dataclasses by their annotations, strictly; write them out again.

What belongs here: types, bounds, and the words of a refusal. What does not: which messages there are.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Collection
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any


class ProtocolError(ValueError):
    """A line that is not a message, or a message with a value outside its bounds."""


def plain(message: Any) -> dict[str, Any]:
    """Return a dataclass's fields as JSON types; `dataclasses.asdict` would deep-copy what cannot change."""
    return {field.name: _plain_value(getattr(message, field.name)) for field in fields(message)}


def read(value: Any, expected: Any, where: str) -> Any:
    """Return `value` as the annotated type `expected`. Raises: ProtocolError, saying what is wrong and where."""
    if is_dataclass(expected):
        return _read_dataclass(value, expected, where)
    origin = typing.get_origin(expected)
    if origin is tuple:
        require(isinstance(value, list), where, value, "a list")
        item_type = typing.get_args(expected)[0]
        return tuple(read(item, item_type, f"{where}[{index}]") for index, item in enumerate(value))
    if origin is dict:
        require(isinstance(value, dict), where, value, "an object")
        item_type = typing.get_args(expected)[1]
        return {key: read(item, item_type, f"{where}.{key}") for key, item in value.items()}
    # A bool is an int to Python and an int may stand for a float; only the second is meant here.
    accepted = (int, float) if expected is float else (expected,)
    right = isinstance(value, accepted) and (expected is bool or not isinstance(value, bool))
    require(right, where, value, expected.__name__)
    return float(value) if expected is float else value


def require(right: bool, name: str, value: object, bound: str) -> None:
    """Raise ProtocolError unless `right`."""
    if not right:
        raise ProtocolError(f"{name}: {str(value)[:80]!r} is not {bound}")


def require_one_of(name: str, value: object, allowed: Collection[object]) -> None:
    """Raise ProtocolError for what is not among `allowed`."""
    require(value in allowed, name, value, f"one of {', '.join(repr(item) for item in allowed)}")


def require_within(name: str, value: float, low: float, high: float) -> None:
    """Raise ProtocolError for what lies outside of the bounds, or is no number."""
    require(low <= value <= high, name, value, f"from {low} to {high}")


def require_absolute(name: str, value: str) -> None:
    """Raise ProtocolError for what is no absolute path."""
    require(Path(value).is_absolute() and "\0" not in value, name, value, "an absolute path")


def _plain_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain_value(item) for item in value]
    return plain(value) if is_dataclass(value) else value


def _read_dataclass(value: Any, expected: Any, where: str) -> Any:
    require(isinstance(value, dict), where, value, "an object")
    hints = _hints(expected)
    for name in sorted(value.keys() ^ hints.keys()):
        raise ProtocolError(f"{where}.{name} is {'not known here' if name in value else 'missing'}")
    # A field whose type depends on another field's value says so itself.
    choose = getattr(expected, "type_of", None)
    return expected(
        **{
            name: read(value[name], (choose and choose(name, value)) or hint, f"{where}.{name}")
            for name, hint in hints.items()
        }
    )


@functools.cache
def _hints(message: type) -> types.MappingProxyType[str, Any]:
    hints = typing.get_type_hints(message)
    return types.MappingProxyType({field.name: hints[field.name] for field in fields(message)})
