"""What a request may say: form-encoded text into checked values, and a refusal that names the parameter.

A route lists what it understands. Anything else is refused, also what the real API would accept: a parameter
that is swallowed without effect would let a test pass that fails with the real shop.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from billing.test_shop.errors import invalid

_MISSING = object()


class Kind:
    """One kind of value; `read` returns it checked or raises the refusal."""

    is_required = False

    def read(self, value: Any, name: str) -> Any:
        raise NotImplementedError


@dataclass(frozen=True)
class Text(Kind):
    limit: int = 5000
    may_be_empty: bool = True

    def read(self, value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise invalid(f"Invalid string: {value}", name)
        if len(value) > self.limit:
            raise invalid(f"Invalid string: {value[:20]}...; must be at most {self.limit} characters", name)
        if not value and not self.may_be_empty:
            raise invalid(
                f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{name}' cannot be unset.",
                name,
                "parameter_invalid_empty",
            )
        return value


@dataclass(frozen=True)
class Whole(Kind):
    minimum: int = 0
    maximum: int = 2**53
    words: tuple[str, ...] = ()

    def read(self, value: Any, name: str) -> int | str:
        if value in self.words:
            return str(value)
        try:
            number = int(value) if isinstance(value, str) else _MISSING
        except ValueError:
            number = _MISSING
        if not isinstance(number, int):
            raise invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer")
        if not self.minimum <= number <= self.maximum:
            raise invalid(
                f"Invalid integer: {number}; must be {self.minimum} to {self.maximum}",
                name,
                "parameter_invalid_integer",
            )
        return number


@dataclass(frozen=True)
class Number(Kind):
    minimum: float = 0
    maximum: float = 100

    def read(self, value: Any, name: str) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise invalid(f"Invalid decimal: {value}", name) from None
        if not self.minimum <= number <= self.maximum:
            raise invalid(f"Invalid decimal: {value}; must be {self.minimum} to {self.maximum}", name)
        return number


@dataclass(frozen=True)
class Flag(Kind):
    def read(self, value: Any, name: str) -> bool:
        if value not in ("true", "false"):
            raise invalid(f"Invalid boolean: {value}", name)
        return bool(value == "true")


@dataclass(frozen=True)
class Choice(Kind):
    values: tuple[str, ...]

    def read(self, value: Any, name: str) -> str:
        if value not in self.values:
            raise invalid(f"Invalid {name}: must be one of {', '.join(self.values)}", name)
        return str(value)


@dataclass(frozen=True)
class Map(Kind):
    """Metadata: names and texts; an empty text for the whole or for a name takes away."""

    def read(self, value: Any, name: str) -> dict[str, str] | None:
        if value == "":
            return None
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise invalid("Invalid hash", name)
        if len(value) > 50 or any(len(key) > 40 or len(text) > 500 for key, text in value.items()):
            raise invalid("Metadata can have up to 50 keys of 40 characters with values of 500 characters", name)
        return value


@dataclass(frozen=True)
class Many(Kind):
    item: Kind
    limit: int = 100

    def read(self, value: Any, name: str) -> list[Any]:
        if value == "":
            return []
        if not isinstance(value, dict) or not all(key == "" or key.isdigit() for key in value):
            raise invalid("Invalid array", name)
        if len(value) > self.limit:
            raise invalid(f"Array too long: at most {self.limit}", name)
        ordered = sorted(value.items(), key=lambda pair: int(pair[0] or 0))
        return [self.item.read(item, f"{name}[{position}]") for position, (_, item) in enumerate(ordered)]


@dataclass(frozen=True)
class Group(Kind):
    fields: dict[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def read(self, value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid("Invalid object", name)
        for key in value:
            if key not in self.fields:
                path = f"{name}[{key}]" if name else key
                raise invalid(f"Received unknown parameter: {path}", path, "parameter_unknown")
        for key in self.required:
            if value.get(key, "") == "":
                path = f"{name}[{key}]" if name else key
                raise invalid(f"Missing required param: {path}.", path, "parameter_missing")
        return {key: self.fields[key].read(item, f"{name}[{key}]" if name else key) for key, item in value.items()}

    def plus(self, **fields: Kind) -> "Group":
        """Return the group with further fields."""
        return Group({**self.fields, **fields}, self.required)


@dataclass(frozen=True)
class Either(Kind):
    """A whole number, or bounds for one."""

    group: Group

    def read(self, value: Any, name: str) -> Any:
        return self.group.read(value, name) if isinstance(value, dict) else Whole().read(value, name)


def group(*required: str, **fields: Kind) -> Group:
    """Return a group of named fields, of which some are required."""
    return Group({name.rstrip("_"): kind for name, kind in fields.items()}, required)


EXPAND = Many(Text())
RANGE = Either(group(gt=Whole(), gte=Whole(), lt=Whole(), lte=Whole()))
PAGE = group(limit=Whole(1, 100), starting_after=Text(), ending_before=Text(), expand=EXPAND)


def decode(encoded: str) -> dict[str, Any]:
    """Return a[b][0]=c as {"a": {"b": {"0": "c"}}}. Raises the refusal of a name that makes no sense."""
    decoded: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True, max_num_fields=1000):
        head, *rest = name.replace("]", "").split("[")
        place = decoded
        for part, following in zip([head, *rest], rest, strict=False):
            if following == "" and isinstance(place.get(part), dict):
                following = str(len(place[part]))  # a[]=1&a[]=2
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise invalid(f"Invalid parameter: {name}", name)
        last = rest[-1] if rest else head
        place[last if last else str(len(place))] = value
    return decoded
