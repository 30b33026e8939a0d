"""Which TypedDict of the installed `stripe` package belongs to which call: read from the SDK's own services."""

import ast
import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import Any

import stripe
import stripe.billing_portal
import stripe.checkout
import stripe.params
import stripe.test_helpers

_PACKAGES = (stripe, stripe.checkout, stripe.billing_portal, stripe.test_helpers)


@cache
def params_by_call() -> dict[tuple[str, str], type]:
    """Return the class of the parameters for each (method, path), with {id} for every open place of a path."""
    found: dict[tuple[str, str], type] = {}
    for package in _PACKAGES:
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.endswith("_service"):
                found |= _calls_in(f"{package.__name__}.{module.name}")
    return found


def _calls_in(module_name: str) -> dict[tuple[str, str], type]:
    source = importlib.import_module(module_name)
    tree = ast.parse(Path(str(source.__file__)).read_text())
    imports = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stripe.params")
        for alias in node.names
    }
    found: dict[tuple[str, str], type] = {}
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        call, params = _request_of(function), _params_of(function)
        if call and params in imports:
            found[call] = getattr(importlib.import_module(str(imports[params])), params)
    return found


def _request_of(function: ast.FunctionDef) -> tuple[str, str] | None:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_request":
            method, path = node.args[0], node.args[1]
            assert isinstance(method, ast.Constant)
            return str(method.value).upper(), _path_of(path)
    return None


def _path_of(node: ast.expr) -> str:
    """Return the path of "/v1/x" or of "/v1/x/{id}".format(id=...), its open places all named {id}."""
    text: Any = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node
    parts = str(text.value).split("/")
    return "/".join("{id}" if part.startswith("{") else part for part in parts)


def _params_of(function: ast.FunctionDef) -> str:
    for argument in function.args.args:
        if argument.arg == "params" and argument.annotation is not None:
            names = [node.value for node in ast.walk(argument.annotation) if isinstance(node, ast.Constant)]
            return str(names[0]) if names else ""
    return ""
