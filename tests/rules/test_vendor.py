"""What others wrote, in static/vendor/, carries its version in its name and its licence beside it."""

import re
from pathlib import PurePath

import pytest

from tests.rules import tree

VERSIONED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*?)-v?(?P<version>\d+(\.\d+)+)(?P<rest>[._-].*)?$")


def complaints(files: set[PurePath]) -> list[str]:
    """Return a line for each file, or folder of files, without a version in its name or a licence beside it.

    files: paths from static/vendor/ on.
    """
    licences = {path for path in files if "licen" in path.name.lower()}
    found = []
    for path in sorted(files - licences):
        top = path.parts[0]
        match = VERSIONED.match(top)
        if match is None:
            found.append(f"{path}: no version in the name {top!r}")
        elif not any(_is_licence_of(licence, match["name"], top) for licence in licences):
            found.append(f"{path}: no licence beside it ({match['name']}-{match['version']}.LICENSE)")
    return found


def test_vendored_files_carry_version_and_licence() -> None:
    vendor = tree.ROOT / "static" / "vendor"
    files = {PurePath(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()}
    assert not complaints(files), "\n".join(complaints(files))


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"htmx-2.0.4.min.js", "htmx-2.0.4.LICENSE"}, 0),
        ({"inter-4.0/inter.woff2", "inter-4.0/LICENSE.txt"}, 0),
        ({"htmx.min.js", "htmx.LICENSE"}, 1),
        ({"htmx-2.0.4.min.js"}, 1),
        ({"htmx-2.0.4.min.js", "inter-4.0.LICENSE"}, 1),
    ],
)
def test_a_missing_version_or_licence_is_recognised(files: set[str], count: int) -> None:
    assert len(complaints({PurePath(file) for file in files})) == count


def _is_licence_of(licence: PurePath, name: str, top: str) -> bool:
    return licence.parts[0] == top if len(licence.parts) > 1 else licence.name.lower().startswith(f"{name}")
