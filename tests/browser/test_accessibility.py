"""axe-core finds nothing on any page, in both themes."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page
from pytest_django import Settings

from accounts.models import User
from getimg_site.docs import PAGES as DOCS
from tests.browser.test_pages import PUBLIC, SIGNED_IN
from tests.browser.test_pseudo_locale import everything_of
from tests.browser.windows import sign_in
from tests.generation.runs import finished, submit

MORE_PUBLIC = [
    *("/guides/", "/guides/steps/", "/changelog/", "/status/", "/wishes/", "/report-a-bug/", "/verify/"),
    *("/terms/", "/privacy/", "/refunds/", "/licence/"),
]
RARER = [
    "/showcase/",
    "/showcase/tags/",
    "/settings/refusals/",
    "/create/styles/",
    "/models/upload/",
    "/library/?q=fox",
]
MORE_SIGNED_IN = ["/edit/", "/models/", "/models/new/", "/video/", "/library/trash/"]


def complaints(page: Page, paths: list[str]) -> list[str]:
    """Return a line for each rule that a page breaks."""
    axe, found = Axe(), []
    for path in paths:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        broken: list[dict[str, Any]] = axe.run(page).response["violations"]
        found += [f"{path}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in broken]
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_lack_nothing(browser: Browser, base_url: str, person: User, theme: Literal["light", "dark"]) -> None:
    job = finished(person, num_images=4)
    submit(person)
    own = [*SIGNED_IN, *MORE_SIGNED_IN, f"/create/runs/{job.pk}/", f"/pictures/{job.images.get(index=1).pk}/"]
    # The policy lets no foreign script in; here one looks at the page.
    context = browser.new_context(base_url=base_url, color_scheme=theme, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(120_000)

    found = complaints(page, [*PUBLIC, *MORE_PUBLIC])
    sign_in(context, person, base_url)
    found += complaints(page, own)

    context.close()
    assert not found, "\n".join(found)


@pytest.mark.journey
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_rarer_pages_lack_nothing_either(
    browser: Browser, base_url: str, person: User, theme: Literal["light", "dark"], settings: Settings
) -> None:
    settings.SHOWCASE = True
    own = [*RARER, *everything_of(person), *(f"/docs/{page.slug}/" for page in DOCS if page.slug)]
    context = browser.new_context(base_url=base_url, color_scheme=theme, bypass_csp=True)
    sign_in(context, person, base_url)
    page = context.new_page()
    page.set_default_timeout(120_000)

    found = complaints(page, own)

    context.close()
    assert not found, "\n".join(found)
