"""What every page may show has its rule in a sheet that every page loads."""

import re

import pytest

from tests.rules import tree


def test_what_needs_scripts_is_hidden_without_them_on_every_page() -> None:
    ruled = [path.name for path in tree.sheets() if ".needs-js" in path.read_text()]
    users = [path for path in tree.templates() if "needs-js" in path.read_text()]

    assert ruled == ["base.css"]
    assert users
    assert not [tree.name_of(path) for path in users if "admin" in path.parts], "the admin does not load base.css"


def ruled_in(name: str) -> list[str]:
    """Return the sheets that have a rule for a class alone."""
    rule = re.compile(rf"^\.{name}(,| {{)$", re.MULTILINE)
    return [path.name for path in tree.sheets() if rule.search(path.read_text())]


@pytest.mark.parametrize("name", ["back", "mono", "plan-mark", "plan-mark-danger", "plan-mark-quiet"])
def test_what_several_pages_show_has_one_rule(name: str) -> None:
    assert ruled_in(name) == ["components.css"]


def test_a_webhooks_secret_is_not_spaced_like_a_key_for_an_app() -> None:
    """Its page loads the sheet of all settings, too."""
    assert ruled_in("secret") == ["webhooks.css"]
