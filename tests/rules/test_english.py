"""What people read says “is not a seed”, never “is no seed”."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.rules import tree

_IS_NO = re.compile(r"(?<!there )(?<!There )\b(is|are) (no|none)\b(?! longer| more)")


def texts(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module without its docstrings, each with its line."""
    said = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value


def test_what_something_is_not_is_said_with_not() -> None:
    found = [
        f"{tree.name_of(path)}, line {line}: {text[:80]}"
        for path in tree.product_files()
        for line, text in texts(tree.parse(path))
        if _IS_NO.search(text)
    ]
    found += [
        f"{tree.name_of(path)}: {match[0]}" for path in tree.templates() for match in _IS_NO.finditer(path.read_text())
    ]
    assert not found, "Say “is not a …”:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("“7” is no seed.", True),
        ("PNG pictures can be edited; this is none.", True),
        ("“7” is not a valid seed.", False),
        ("There is no such folder.", False),
        ("The picture is no longer there.", False),
    ],
)
def test_the_habit_is_recognised(words: str, is_found: bool) -> None:
    assert bool(_IS_NO.search(words)) is is_found
