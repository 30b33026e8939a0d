"""The clients' types are the description's: neither can change without the other."""

import dataclasses
import importlib.util
import re
import sys
from types import ModuleType
from typing import Any

import pytest

from generation.api import schemas
from tests.rules.tree import ROOT

sys.path.insert(0, str(ROOT / "clients" / "python"))

import getimg
from getimg._facts import diffusion_from

pytestmark = pytest.mark.django_db


def load_writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_types", ROOT / "clients" / "write_types.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def snake(name: str) -> str:
    return re.sub("[A-Z]", lambda found: "_" + found[0].lower(), name)


def fields_of(kind: Any) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)} - {"raw"}


def test_the_written_types_are_those_of_the_description() -> None:
    writer = load_writer()

    assert writer.python(writer.described()) == writer.PYTHON.read_text()
    assert writer.typescript(writer.described()) == writer.TYPESCRIPT.read_text()


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (getimg.DiffusionFacts, ("Diffusion",)),
        (getimg.Cost, ("Diffusion", "cost")),
        (getimg.Progress, ("Diffusion", "progress")),
        (getimg.Output, ("Output",)),
        (getimg.Poster, ("Output", "poster")),
        (getimg.Alternative, ("Output", "alternatives")),
        (getimg.Failure, ("Error",)),
        (getimg.Notice, ("Notice",)),
    ],
)
def test_pythons_dataclasses_have_every_field_of_an_answer(kind: Any, path: tuple[str, ...]) -> None:
    shape = schemas.shapes()[path[0]]
    for name in path[1:]:
        shape = shape["properties"][name]
        shape = shape.get("items", shape)

    assert fields_of(kind) == {snake(name) for name in shape["properties"]}


def test_what_an_answer_may_leave_out_is_read_all_the_same() -> None:
    required = {"id": "d1", "status": "NEW", "createdAt": "2026-01-01T00:00:00.000Z"}

    facts = diffusion_from(required)

    assert (facts.outputs, facts.cost, facts.started_at, facts.params) == ((), None, None, {})
    assert facts.warnings == ()
