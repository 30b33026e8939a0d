"""As many tests as some minutes have time for; which of them are left out changes with each commit.

`--minutes 30` begins no test later than that; `--order-by COMMIT` shuffles the files by a word, so that over some
commits each has its turn. What is left out is reported as skipped, with that reason.
"""

import time
from argparse import ArgumentTypeError
from hashlib import sha256

import pytest

_LAST_START = pytest.StashKey[float]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("limited time")
    group.addoption("--minutes", type=_minutes, help="begin no test after so many minutes")
    group.addoption("--order-by", default="", help="a word that says in which order the files are run")


def _minutes(text: str) -> float:
    if (minutes := float(text)) < 0:
        raise ArgumentTypeError(f"{text} minutes: at least 0")
    return minutes


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave a test out before anything is set up for it; the minutes begin with the first."""
    minutes = item.config.getoption("minutes")
    if minutes is None:
        return
    if time.monotonic() > item.config.stash.setdefault(_LAST_START, time.monotonic() + 60 * minutes):
        pytest.skip(f"left out: the {minutes:g} minutes are over")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the files into the word's order, the tests of a file side by side; without a word, leave all as found."""
    if word := config.getoption("order_by"):
        items.sort(key=lambda item: sha256(f"{word} {item.path.name}".encode()).digest())
