"""Every package that the project installs is pinned in requirements.lock, at the version that runs here."""

import tomllib
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.rules import tree


def pins() -> dict[str, Version]:
    """Return name -> version as locked."""
    lines = (line for line in (tree.ROOT / "requirements.lock").read_text().splitlines() if not line.startswith("#"))
    pairs = (line.split("==") for line in lines)
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def installed_closure(requirements: list[str]) -> dict[str, Version]:
    """Return name -> installed version of the requirements and all they bring along."""
    found: dict[str, Version] = {}
    seen: set[str] = set()
    waiting = list(requirements)
    while waiting:
        line = waiting.pop()
        if line in seen:
            continue
        seen.add(line)
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        here = distribution(requirement.name)
        found[canonicalize_name(requirement.name)] = Version(Version(here.version).public)
        waiting += here.requires or []
        for extra in requirement.extras:
            waiting += _lines_of_extra(here.requires or [], extra)
    return found


def test_the_lock_pins_what_is_installed() -> None:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())["project"]
    closure = installed_closure([*project["dependencies"], *project["optional-dependencies"]["dev"]])
    locked = pins()
    wrong = {
        name: f"{version} runs, {locked.get(name)} is locked"
        for name, version in closure.items()
        if locked.get(name) != version
    }
    assert not wrong, f"`make lock` writes requirements.lock anew. Not as locked: {wrong}"


def test_direct_dependencies_admit_what_is_locked() -> None:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())["project"]
    direct = [Requirement(line) for line in project["dependencies"] + project["optional-dependencies"]["dev"]]
    locked = pins()
    wrong = [str(each) for each in direct if not each.specifier.contains(locked[canonicalize_name(each.name)])]
    assert not wrong, f"requirements.lock is outside of: {wrong}"


def test_torch_is_exact_and_of_no_platform() -> None:
    locked = pins()["torch"]
    assert locked.local is None
    assert f'"torch=={locked}"' in (tree.ROOT / "pyproject.toml").read_text()


def _lines_of_extra(lines: list[str], extra: str) -> list[str]:
    chosen = []
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker and "extra" in str(requirement.marker) and requirement.marker.evaluate({"extra": extra}):
            requirement.marker = None
            chosen.append(str(requirement))
    return chosen
