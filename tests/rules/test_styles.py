"""What every page may show has its rule in a sheet that every page loads."""

from tests.rules import tree


def test_what_needs_scripts_is_hidden_without_them_on_every_page() -> None:
    ruled = [path.name for path in tree.sheets() if ".needs-js" in path.read_text()]
    users = [path for path in tree.templates() if "needs-js" in path.read_text()]

    assert ruled == ["base.css"]
    assert users
    assert not [tree.name_of(path) for path in users if "admin" in path.parts], "the admin does not load base.css"
