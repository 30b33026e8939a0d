"""A server as the benchmarks ask for."""

from collections.abc import Iterator

import pytest

from tests import services


@pytest.fixture(scope="session")
def durable_url() -> Iterator[str]:
    """Yield the URL of a private PostgreSQL that writes through to the disk; the suite's own does not."""
    with services.postgres(durable=True) as url:
        yield url
