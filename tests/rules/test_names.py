"""A module is named for its subject, and its test for the module."""

import ast
from pathlib import Path, PurePath

import pytest

from tests.rules import tree

FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "service", "data"}
# Modules that are a list or a wiring: what they hold is tested where it is used.
UNTESTED = {"apps.py", "errors.py", "urls.py", "wsgi.py", "asgi.py", "settings.py", "__init__.py", "__main__.py"}
# A module whose functions have fewer statements, all together, is read, not tested.
NONTRIVIAL_STATEMENTS = 12


def is_nontrivial(module: ast.Module) -> bool:
    """Return whether the module's functions do enough to deserve a test file."""
    return sum(map(_count_statements, tree.functions(module))) >= NONTRIVIAL_STATEMENTS


def mirrors_of(module: PurePath, test_files: set[PurePath]) -> set[PurePath]:
    """Return the test files of a module: tests/<its folder>/test_<its name>.py, or test_<its name>_<aspect>.py.

    A command's folder is named twice (management/commands); its tests may leave out the second.
    """
    folder = PurePath("tests", module.parent)
    folders = {folder, folder.parent if folder.name == "commands" else folder}
    return {
        test
        for test in test_files
        if test.parent in folders
        and (test.stem == f"test_{module.stem}" or test.stem.startswith(f"test_{module.stem}_"))
    }


def test_no_module_is_named_for_nothing() -> None:
    paths = [*tree.product_files(), *(path for path in tree.all_files() if "tests" in path.parts)]
    found = sorted(tree.name_of(path) for path in paths if {path.stem, path.parent.name} & FORBIDDEN)
    assert not found, f"Named for nothing in particular: {found}"


def test_every_nontrivial_module_has_its_test_file() -> None:
    tests = _test_files()
    missing = [
        tree.name_of(path)
        for path in tree.product_files()
        if path.name not in UNTESTED
        and ("views" in path.parts or is_nontrivial(tree.parse(path)))
        and not mirrors_of(_relative(path), tests)
    ]
    assert not missing, "No test file (tests/<folder>/test_<name>.py) for: " + ", ".join(missing)


def test_every_test_file_mirrors_a_module() -> None:
    tests = _test_files()
    modules = {_relative(path) for path in tree.product_files()}
    mirrored = {test for module in modules for test in mirrors_of(module, tests)}
    packages = {str(PurePath("tests", package)) for package in tree.PACKAGES}
    strays = sorted(
        str(test) for test in tests - mirrored if any(str(test).startswith(f"{package}/") for package in packages)
    )
    assert not strays, f"These mirror no module (tests/flows/ is for journeys): {strays}"


@pytest.mark.parametrize(
    ("test", "mirrors"),
    [
        ("tests/billing/test_ledger.py", True),
        ("tests/billing/test_ledger_machine.py", True),
        ("tests/billing/test_ledgers.py", False),
        ("tests/test_ledger.py", False),
    ],
)
def test_a_mirror_is_recognised(test: str, mirrors: bool) -> None:
    assert bool(mirrors_of(PurePath("billing/ledger.py"), {PurePath(test)})) is mirrors


@pytest.mark.parametrize("folder", ["management", "management/commands"])
def test_a_command_is_mirrored_with_or_without_its_second_folder(folder: str) -> None:
    test = PurePath(f"tests/billing/{folder}/test_ledger_audit.py")
    assert mirrors_of(PurePath("billing/management/commands/ledger_audit.py"), {test}) == {test}


def _count_statements(function: tree.Function) -> int:
    nodes = [node for node in ast.walk(function) if isinstance(node, ast.stmt)]
    return len(nodes) - 1 - (ast.get_docstring(function) is not None)


def _relative(path: Path) -> PurePath:
    return PurePath(tree.name_of(path))


def _test_files() -> set[PurePath]:
    return {_relative(path) for path in (tree.ROOT / "tests").rglob("test_*.py")}
