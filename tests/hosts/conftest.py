"""The studio on its hosts, once for all tests here, and a place for what they measure."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.hosts.network import NetworkRefused, network

# This file is read before Django is set up, and they need it.
if TYPE_CHECKING:
    from tests.hosts.studio import Studio


@pytest.fixture(scope="session")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Studio"]:
    """Yield the studio when each of its hosts is at work."""
    from tests.flows.clusters import wait_for
    from tests.hosts.studio import GPUS, WEBS, studio

    try:
        switch = network()
        with switch as there, studio(there, tmp_path_factory.mktemp("hosts")) as found:
            for web in WEBS:
                wait_for(lambda web=web: _is_up(found, web), web)  # type: ignore[misc]
            for host in GPUS:
                wait_for(lambda host=host: "cluster started" in found.log(host), host)  # type: ignore[misc]
            yield found
    except NetworkRefused as error:
        pytest.skip(f"not measured: network namespaces are not to be had here: {error}")


@pytest.fixture(scope="session")
def figures() -> Iterator[dict[str, Any]]:
    """Take what was measured; where HOSTS_JSON names a file, it is written there in the end."""
    found: dict[str, Any] = {}
    yield found
    if path := os.environ.get("HOSTS_JSON"):
        Path(path).write_text(json.dumps(found, indent=2) + "\n")


def _is_up(studio: "Studio", web: str) -> bool:
    from tests.hosts import people

    try:
        return people.send(studio, web, "GET", "/readyz").status == 200
    except OSError:
        return False
