"""axe-core finds nothing on a handful of pages, in both themes; `test_everywhere.py` has all of them."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from accounts.models import User
from tests.browser.windows import sign_in
from tests.generation.runs import finished, submit


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
    # The policy lets no foreign script in; here one looks at the page.
    context = browser.new_context(base_url=base_url, color_scheme=theme, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(120_000)

    found = complaints(page, ["/", "/accounts/signup/"])
    sign_in(context, person, base_url)
    found += complaints(page, ["/create/", f"/pictures/{job.images.get(index=1).pk}/", "/settings/billing/"])

    context.close()
    assert not found, "\n".join(found)
