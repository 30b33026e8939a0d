"""Query sets whose SQL is made once: for the few reads that every request of the API, or every page, passes.

Django builds a query's SQL anew each time, which costs more than the query: 1.9 ms of a polled request's 3.5. Here it
is built at the first use with a stand-in for each value; afterwards only values go in, and rows come out as from the
query set. On PostgreSQL the server plans it once as well.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from psycopg.sql import Literal

M = TypeVar("M", bound=Model)
Value = UUID | str | datetime


class Compiled(Generic[M]):
    """A query set of rows of one model, annotations and joined rows included, with other values each time.

    `build` is called with a value for each name in `types`; it must make the same query of all values of that type, and
    may not use `only` or `defer`. `lock`: of the rows, where Django has no word for it; SQLite has no need of it.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], lock: str = "", /, **types: type[Value]) -> None:
        self._build = build
        self._lock = lock
        self._types = types

    def rows(self, **values: Value) -> list[M]:
        """Return the rows for these values."""
        plan = self._plan
        adapted = {name: _adapt(value) for name, value in values.items()}
        parameters = [adapted[slot.name] if isinstance(slot, _Slot) else slot for slot in plan.parameters]
        return [plan.row(found) for found in fetch(plan.sql, parameters)]

    @cached_property
    def _plan(self) -> "_Plan":
        stand_ins = {name: _stand_in(name, type_) for name, type_ in self._types.items()}
        slots = {str(_adapt(stand_in)): _Slot(name) for name, stand_in in stand_ins.items()}
        compiler = self._build(**stand_ins).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if self._lock and connection.features.has_select_for_update:
            sql = f"{sql} {self._lock}"
        parameters = tuple(slots.get(str(parameter), parameter) for parameter in parameters)
        missing = set(self._types) - {slot.name for slot in parameters if isinstance(slot, _Slot)}
        assert not missing, f"the query has no place for {missing}"
        return _Plan.of(compiler, *_with_constants(sql, parameters))


def fetch(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that is the same text each time; PostgreSQL prepares it."""
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


@dataclass(frozen=True)
class _Slot:
    """Where a value goes."""

    name: str


@dataclass(frozen=True)
class _Plan:
    """A statement, and how its rows become objects."""

    sql: str
    parameters: tuple[Any, ...]
    model: type[Model]
    names: list[str]
    annotations: Mapping[str, int]
    converters: list[tuple[int, list[Callable[..., Any]], Any]]
    # What puts the rows that `select_related` joined beside theirs.
    related: list[Any]

    @classmethod
    def of(cls, compiler: Any, sql: str, parameters: tuple[Any, ...]) -> "_Plan":
        fields = compiler.klass_info["select_fields"]
        assert fields == list(range(len(fields))), "the model's own columns must come first"
        columns = [expression for expression, _, _ in compiler.select]
        # The stubs are of a later Django.
        related = get_related_populators(compiler.klass_info, compiler.select, connection.alias)  # type: ignore[call-arg]
        converters = compiler.get_converters(columns).items()
        return cls(
            sql,
            parameters,
            compiler.klass_info["model"],
            [column.target.attname for column in columns[: len(fields)]],
            compiler.annotation_col_map or {},
            [(place, functions, expression) for place, (functions, expression) in converters],
            related,
        )

    def row(self, found: tuple[Any, ...]) -> Any:
        values = list(found)
        for place, functions, expression in self.converters:
            for function in functions:
                values[place] = function(values[place], expression, connection)
        row = self.model.from_db(connection.alias, self.names, values[: len(self.names)])
        for populator in self.related:
            populator.populate(values, row)
        for name, place in self.annotations.items():
            setattr(row, name, values[place])
        return row


def _with_constants(sql: str, parameters: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """Write what is the same each time into the text, and return what is left to be sent.

    A plan that is made once may only use a partial index whose condition the text itself says: of `status = $1` nobody
    knows that it asks for what waits, and the whole table is read.
    """
    if connection.vendor != "postgresql":
        return sql, parameters
    connection.ensure_connection()
    left = iter(parameters)
    sent = []

    def write(place: re.Match[str]) -> str:
        if place[0] == "%%":
            return place[0]
        parameter = next(left)
        if isinstance(parameter, _Slot):
            sent.append(parameter)
            return place[0]
        return Literal(parameter).as_string(connection.connection).replace("%", "%%")

    return re.sub("%%|%s", write, sql), tuple(sent)


def _cursor() -> Any:
    # Of the site's own PostgreSQL backend; SQLite keeps its statements by itself.
    prepared = getattr(connection, "prepared_cursor", None)
    return prepared() if prepared else connection.cursor()


def _adapt(value: Value) -> Value:
    """Return a value as the query set would send it."""
    if isinstance(value, datetime):
        return cast(Value, connection.ops.adapt_datetimefield_value(value))
    return value.hex if isinstance(value, UUID) and not connection.features.has_native_uuid_field else value


def _stand_in(name: str, type_: type[Value]) -> Value:
    # No value that anybody sends: it is looked for among the query's parameters, once.
    digest = hashlib.sha256(name.encode()).hexdigest()
    if type_ is datetime:
        return datetime.fromtimestamp(int(digest[:7], 16), UTC)
    return UUID(digest[:32]) if type_ is UUID else digest
