"""The tree as the rules see it: which files are ours, what stands in them. No rule stands here."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("getimg_site", "accounts", "billing", "generation")
OTHER_CODE = ("tests", "benchmarks", "clients")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def product_files() -> list[Path]:
    """Return the Python files of the product: the four packages without their migrations."""
    return [path for package in PACKAGES for path in _python_files(ROOT / package)]


def all_files() -> list[Path]:
    """Return every Python file that is kept by hand."""
    others = [path for folder in OTHER_CODE for path in _python_files(ROOT / folder)]
    return [ROOT / "manage.py", *product_files(), *others]


def templates() -> list[Path]:
    """Return every HTML template."""
    return sorted((ROOT / "templates").rglob("*.html"))


def sheets() -> list[Path]:
    """Return every style sheet that is kept by hand."""
    return sorted((ROOT / "static" / "css").glob("*.css"))


def name_of(path: Path) -> str:
    """Return the path as a message names it: from the root of the project."""
    return path.relative_to(ROOT).as_posix()


@cache
def parse(path: Path) -> ast.Module:
    """Return the file's syntax tree."""
    return ast.parse(path.read_text(), filename=str(path))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function and method, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def variables_read() -> set[str]:
    """Return the names of the environment variables that the settings read, by `env_...("NAME")`."""
    calls = (node for node in ast.walk(parse(ROOT / "getimg_site" / "settings.py")) if isinstance(node, ast.Call))
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id.startswith("env_")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def _python_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.relative_to(ROOT).parts]
