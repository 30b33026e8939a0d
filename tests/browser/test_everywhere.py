"""Every page that the site has: axe-core finds nothing in either theme, and Tab comes to everything at either width."""

from collections.abc import Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page
from pytest_django import Settings

from tests.browser.everywhere import SEEN_AS, Everywhere, show_errors
from tests.browser.test_every_stop import missed

# Of what axe would fetch first, style sheets are for a rule alone that it leaves out.
OPTIONS = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
# Pictures that are shown in other proportions than they have, and not cut or fitted into their frame.
SQUEEZED = """() => Array.from(document.images)
    .filter(({complete, naturalWidth, width, height}) => complete && naturalWidth && width && height)
    .filter((image) => getComputedStyle(image).objectFit === "fill")
    .filter(({naturalWidth, naturalHeight, width, height}) =>
        Math.abs(Math.log((naturalWidth / naturalHeight) / (width / height))) > 0.1)
    .map((image) => `${image.src} at ${image.width} x ${image.height}`)"""
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture
def everywhere(transactional_db: None, settings: Settings) -> Everywhere:
    settings.SHOWCASE = True
    settings.ACCOUNT_RATE_LIMITS = False
    return Everywhere()


def walk(page: Page, base_url: str, everywhere: Everywhere, look: Callable[[Page, str], list[str]]) -> list[str]:
    """Look at every page as whom it is for; returns what was found wrong."""
    page.set_default_timeout(120_000)
    found = [line for path in [*everywhere.public(), *show_errors(page)] for line in look(page, path)]
    for person, paths in (
        (everywhere.newcomer, everywhere.new()),
        (everywhere.owner, [*everywhere.own(), *everywhere.owned()]),
        (everywhere.support, SEEN_AS),
    ):
        page.context.clear_cookies()
        everywhere.enter(page.context, person, base_url)
        found += [line for path in paths for line in look(page, path)]
    return found


def test_pages_lack_nothing_in_either_theme(browser: Browser, base_url: str, everywhere: Everywhere) -> None:
    # The policy lets no foreign script in; here one looks at the page. Colours on their way would be neither theme's.
    context = browser.new_context(base_url=base_url, bypass_csp=True, reduced_motion="reduce")

    found = walk(context.new_page(), base_url, everywhere, complaints)

    context.close()
    assert not found, "\n".join(found)


def complaints(page: Page, path: str) -> list[str]:
    """Return a line for each rule that a page breaks, in either theme."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    axe = Axe()
    found = [f"{path}: squeezed: {picture}" for picture in page.evaluate(SQUEEZED)]
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        broken: list[dict[str, Any]] = axe.run(page, options=OPTIONS).response["violations"]
        found += [f"{path}, {theme}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in broken]
    return found


@pytest.mark.parametrize("width", [390, 1440])
def test_tab_comes_to_everything_and_is_seen_there(
    page: Page, base_url: str, everywhere: Everywhere, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})

    found = walk(page, base_url, everywhere, missed)

    assert not found, "\n".join(found)


def test_nothing_is_forgotten(everywhere: Everywhere) -> None:
    paths = {*everywhere.public(), *everywhere.own(), *everywhere.owned(), *everywhere.new()}

    assert len(paths) > 90
    for path in (
        *("/content-policy/", "/guides/strength/", "/accounts/2fa/totp/activate/", "/accounts/reauthenticate/"),
        *("/accounts/logout/", "/accounts/inactive/"),
    ):
        assert path in paths
    for part in ("/showcase/by/", "/models/shared/", "/deliveries/", "/receipts/", "/api-keys/", "/s/", "/erase/"):
        assert any(part in path for path in paths), part
