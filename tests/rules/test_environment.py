"""Every environment variable is read in the settings, through env.py, and stands in .env.example."""

import ast
import re

import pytest

from tests.rules import tree

READERS = {"getimg_site/settings.py", "getimg_site/env.py"}
# Not the site's settings: the entry points name Django's settings module, and a child inherits Python's path.
NO_SETTINGS = {"DJANGO_SETTINGS_MODULE", "PYTHONPATH"}


def reads(module: ast.Module) -> list[str]:
    """Return a line for each place that reads an environment variable; copying all for a child is no reading."""
    found: list[ast.expr] = []
    for node in ast.walk(module):
        match node:
            case ast.Subscript(value=place, ctx=ast.Load()) if _is_environ(place):
                found.append(node)
            case ast.Call(func=ast.Attribute(value=place, attr="get" | "pop" | "setdefault")) if _is_environ(place):
                if not _names_no_setting(node):
                    found.append(node)
            case ast.Compare(comparators=[place]) if _is_environ(place):
                found.append(node)
            case ast.Attribute(attr="getenv") | ast.Name(id="getenv" | "environ"):
                found.append(node)
    return [f"line {node.lineno}: {ast.unparse(node)}" for node in found]


def documented(text: str) -> set[str]:
    """Return the variables that have a row, set or commented out."""
    return set(re.findall(r"^#?\s*([A-Z][A-Z0-9_]*)=", text, flags=re.MULTILINE))


def test_variables_are_read_in_the_settings_alone() -> None:
    found = [
        f"{tree.name_of(path)}, {line}"
        for path in tree.product_files()
        if tree.name_of(path) not in READERS
        for line in reads(tree.parse(path))
    ]
    assert not found, "Read it in getimg_site/settings.py: " + "; ".join(found)


def test_only_the_settings_use_env() -> None:
    found = [
        tree.name_of(path)
        for path in tree.product_files()
        if tree.name_of(path) not in READERS and "getimg_site.env" in path.read_text()
    ]
    assert not found, f"These import getimg_site.env, which is for settings.py: {found}"


def test_every_variable_has_a_row_in_the_example_and_every_row_a_reader() -> None:
    rows = documented((tree.ROOT / ".env.example").read_text())
    read = tree.variables_read()
    assert read - rows == set(), "without a row in .env.example"
    assert rows - read == set(), "a row that nothing reads"


@pytest.mark.parametrize(
    ("source", "is_read"),
    [
        ("os.environ['PORT']", True),
        ("os.environ.get('PORT')", True),
        ("os.getenv('PORT')", True),
        ("'PORT' in os.environ", True),
        ("environ['PORT']", True),
        ("os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')", False),
        ("{**os.environ, 'Q_CLUSTER_NAME': 'gpu'}", False),
        ("os.environ['HF_HUB_OFFLINE'] = '1'", False),
    ],
)
def test_a_read_is_recognised(source: str, is_read: bool) -> None:
    assert bool(reads(ast.parse(source))) is is_read


def test_settings_are_found_by_their_calls() -> None:
    assert {"DATABASE_URL", "DATA_DIR", "PORT"} <= tree.variables_read()


def _is_environ(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ"


def _names_no_setting(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value in NO_SETTINGS
