"""The two windows that journeys are made in, and what is looked at in both: that nothing is wider than the window."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desk": {"viewport": {"width": 1440, "height": 900}},
}


def goto(page: Page, path: str) -> None:
    """Open a page, wait for its scripts, and see that it fits."""
    page.goto(path)
    page.wait_for_load_state("load")
    fits(page)


def fits(page: Page) -> None:
    """See that nothing is wider than the window."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def saved(page: Page, press: Callable[[], object]) -> bytes:
    """Return the file that a press downloads."""
    with page.expect_download() as coming:
        press()
    return Path(coming.value.path()).read_bytes()


def toast(page: Page, words: str) -> None:
    """See that something is said in passing."""
    expect(page.locator("#toasts")).to_contain_text(words)
