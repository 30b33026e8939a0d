"""Which failures of a test with processes may be the load of a shared machine, and are tried once more.

A time-out, and what did not come up. Never an assertion: a race that breaks a law in three of ten runs would pass nine
times of ten with a second try.
"""

import subprocess
from collections.abc import Iterator

import httpx
import requests
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.processes import ServiceError

MAY_BE_THE_LOAD = (
    *(TimeoutError, subprocess.TimeoutExpired, ServiceError, ConnectionRefusedError),
    *(httpx.TimeoutException, httpx.ConnectError, requests.Timeout, requests.ConnectionError, PlaywrightTimeout),
)


def may_be_the_load(error: BaseException | None) -> bool:
    """Return whether a failure is one of those, and nothing was found to be wrong before it."""
    found = list(_chain(error))
    return not any(isinstance(one, AssertionError) for one in found) and any(
        isinstance(one, MAY_BE_THE_LOAD) for one in found
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and what it came of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
