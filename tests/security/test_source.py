"""What the code may be built of: digests, ciphers, statements with bound values."""

import ast
import tomllib

from tests.rules import tree

DIGESTS = {"sha256", "blake2b", "file_digest", "new"}
# Statements with our own columns, channels, a lock or a setting's number in them; values are bound all the same.
BUILT = {
    "accounts/online_migrations.py",
    "billing/test_shop/store.py",
    "generation/queueing.py",
    "getimg_site/backups.py",
    "getimg_site/broker.py",
    "getimg_site/postgresql/base.py",
}
PIECED = ast.FormattedValue | ast.Mod | ast.Add
# Where Ruff is told that a statement put together, in the call or before it, holds no value.
SILENT = {
    "accounts/rate_limits.py",
    "accounts/test_allowance.py",
    "billing/ledger_rows.py",
    "billing/test_shop/store.py",
    "generation/full_text.py",
    "generation/models/search_text.py",
    "getimg_site/attention.py",
    "getimg_site/backups.py",
}
CIPHERS = {"Fernet", "MultiFernet", "InvalidToken"}


def calls(name: str) -> list[tuple[str, ast.Call]]:
    """Return where a method of that name is called, and each call."""
    return [
        (tree.name_of(path), node)
        for path in tree.product_files()
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    ]


def imported(module: str) -> set[str]:
    """Return the names that the product takes from a module."""
    return {
        alias.name
        for path in tree.product_files()
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    }


def test_only_digests_without_known_holes_are_made() -> None:
    used = {
        node.attr
        for path in tree.product_files()
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "hashlib"
    }

    assert "sha256" in used
    assert used <= DIGESTS


def test_secrets_are_sealed_by_one_authenticated_cipher() -> None:
    assert imported("cryptography.fernet") <= CIPHERS
    assert not imported("cryptography.hazmat.primitives.ciphers")


def test_statements_put_together_within_a_call_are_known() -> None:
    """What is put together before the call is seen by Ruff's S608 alone, which the next test holds."""
    built = {
        file
        for name in ("execute", "executemany", "raw", "extra")
        for file, call in calls(name)
        if call.args and any(isinstance(part, PIECED) for part in ast.walk(call.args[0]))
    }

    assert built == BUILT


def test_what_ruff_is_told_of_statements_is_known() -> None:
    silenced = {tree.name_of(path) for path in tree.product_files() if "S608" in path.read_text()}
    rules = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    elsewhere = {
        of for of, codes in rules["per-file-ignores"].items() if any("S608".startswith(code) for code in codes)
    }

    assert silenced == SILENT
    assert "S" in rules["select"]
    assert not [code for code in rules.get("ignore", []) if "S608".startswith(code)]
    assert elsewhere == {"tests/**", "benchmarks/**"}
