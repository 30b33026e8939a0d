"""What the code may be built of: digests, ciphers, statements with bound values."""

import ast

from tests.rules import tree

DIGESTS = {"sha256", "blake2b", "file_digest", "new"}
# Statements with our own columns, channels, a lock or a setting's number in them; values are bound all the same.
BUILT = {
    "accounts/online_migrations.py",
    "billing/test_shop/store.py",
    "generation/queueing.py",
    "generation/webhooks.py",
    "getimg_site/backups.py",
    "getimg_site/broker.py",
    "getimg_site/postgresql/base.py",
}
PIECED = ast.FormattedValue | ast.Mod | ast.Add
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


def test_no_statement_is_put_together_with_values() -> None:
    built = {
        file
        for name in ("execute", "executemany", "raw", "extra")
        for file, call in calls(name)
        if call.args
        and any(isinstance(part, ast.FormattedValue | ast.Mod | ast.Add) for part in ast.walk(call.args[0]))
    }

    assert built == BUILT
