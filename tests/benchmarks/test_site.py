"""Benchmarks run on a server that writes through to the disk, or not at all."""

import pytest

from benchmarks.errors import BenchmarkFailed
from benchmarks.site import own_place

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit"])
def test_a_server_that_does_not_write_through_is_refused(
    setting: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The suite's own does without both; the durable one is asked for one connection without waiting for the disk.
    name, options = ("postgres_url", "") if setting == "fsync" else ("durable_url", "?options=-c%20{setting}%3Doff")
    monkeypatch.setenv("DATABASE_URL", request.getfixturevalue(name) + options.format(setting=setting))
    with pytest.raises(BenchmarkFailed, match=f"the server of DATABASE_URL has {setting} = off"), own_place():
        pass
