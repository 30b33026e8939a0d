"""A file has at most 400 lines, a function 40, a view 25, a partial template 60."""

import ast
from pathlib import Path

import pytest

from tests.rules import tree

FILE_LINES = 400
FUNCTION_LINES = 40
VIEW_LINES = 25
PARTIAL_LINES = 60


def count_lines(function: tree.Function) -> int:
    """Return the function's lines from `def` to its end, without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def too_long(module: ast.Module, bound: int) -> list[str]:
    """Return a line for each function above the bound."""
    return [
        f"line {function.lineno}: {function.name}() has {count_lines(function)} lines; {bound} are allowed"
        for function in tree.functions(module)
        if count_lines(function) > bound
    ]


def _function_bound(path: Path) -> int:
    return VIEW_LINES if "views" in path.parts else FUNCTION_LINES


def test_files_are_at_most_400_lines() -> None:
    long_files = {tree.name_of(path): lines for path in tree.all_files() if (lines := _file_lines(path)) > FILE_LINES}
    assert not long_files, f"Files with more than {FILE_LINES} lines: {long_files}"


def test_functions_are_at_most_40_lines_and_views_25() -> None:
    found = [
        f"{tree.name_of(path)}, {line}"
        for path in tree.product_files()
        for line in too_long(tree.parse(path), _function_bound(path))
    ]
    assert not found, "\n".join(found)


def test_partial_templates_are_at_most_60_lines() -> None:
    partials = [path for path in tree.templates() if path.name.startswith("_")]
    long_partials = {tree.name_of(path): lines for path in partials if (lines := _file_lines(path)) > PARTIAL_LINES}
    assert not long_partials, f"Partials with more than {PARTIAL_LINES} lines: {long_partials}"


@pytest.mark.parametrize(("body_lines", "found"), [(39, 0), (40, 1)])
def test_a_function_is_counted_from_its_def_without_its_docstring(body_lines: int, found: int) -> None:
    body = "\n".join(f"    x = {number}" for number in range(body_lines))
    module = ast.parse(f'@decorator\ndef f():\n    """Say.\n\n    More.\n    """\n{body}\n')
    assert len(too_long(module, FUNCTION_LINES)) == found


def _file_lines(path: Path) -> int:
    return len(path.read_text().splitlines())
