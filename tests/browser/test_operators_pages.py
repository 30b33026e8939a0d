"""The admin's own pages: nothing is wider than a phone, axe finds nothing, Tab comes to everything."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from accounts.models import User
from tests.browser.office import make_operator, own_pages
from tests.browser.sizes import SIZES, goto
from tests.browser.test_every_stop import missed
from tests.browser.windows import sign_in, watch_policy

# What axe finds in Django's own templates, by rule: the field of its search has a picture of a lens as its label (with
# "Search" as its words), which is no text that can be seen.
DJANGOS = {"label-title-only": 'id="searchbar"'}


@pytest.mark.parametrize("window", ["phone", "desk"])
def test_nothing_is_wider_than_the_window(browser: Browser, base_url: str, person: User, window: str) -> None:
    context = browser.new_context(base_url=base_url, **SIZES[window])
    sign_in(context, make_operator(), base_url)
    page = context.new_page()
    refused = watch_policy(page)

    wide = []
    for path in own_pages(person):
        try:
            goto(page, path)
        except AssertionError:
            wide.append(path)

    context.close()
    assert not wide
    assert not refused


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, base_url: str, person: User, theme: Literal["light", "dark"]) -> None:
    context = browser.new_context(base_url=base_url, color_scheme=theme, bypass_csp=True)
    sign_in(context, make_operator(), base_url)
    page = context.new_page()
    page.set_default_timeout(120_000)
    found = [line for path in own_pages(person) for line in complaints(page, path)]

    context.close()
    assert not found, "\n".join(found)


def complaints(page: Page, path: str) -> list[str]:
    """Return a line for each place of a page that breaks a rule and is ours."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    broken: list[dict[str, Any]] = Axe().run(page).response["violations"]
    places = [(each["id"], node["html"]) for each in broken for node in each["nodes"]]
    return [f"{path}: {rule}: {html[:200]}" for rule, html in places if DJANGOS.get(rule, "not Django's") not in html]


@pytest.mark.parametrize("width", [390, 1440])
def test_tab_comes_to_everything_and_is_seen_there(page: Page, base_url: str, person: User, width: int) -> None:
    sign_in(page.context, make_operator(), base_url)
    page.set_viewport_size({"width": width, "height": 844})

    found = [line for path in own_pages(person) for line in missed(page, path)]

    assert not found, "\n".join(found)
