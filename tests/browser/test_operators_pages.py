"""Every page of the admin: axe finds nothing in either theme, all has room at either width, Tab comes to everything.

Each page is loaded once and looked at twice, in each theme and at each width once; which theme meets which width, and
at which width Tab walks, changes from page to page. The list of models at a page's side is the same on all: it is
closed and left out, and looked at on one.
"""

from itertools import cycle
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from django.contrib.admin import site
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.everywhere import answering
from tests.browser.office import Office
from tests.browser.test_every_stop import missed_here
from tests.browser.test_everywhere import OPTIONS
from tests.browser.windows import sign_in, watch_policy

# How many tests share the pages between them.
PARTS = 4
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# A page begins in the window in which the one before it ended.
THERE: tuple[tuple[Any, Any], ...] = ((DESK, "light"), (PHONE, "dark"))
BACK: tuple[tuple[Any, Any], ...] = ((PHONE, "light"), (DESK, "dark"))
_CLOSED = "localStorage.setItem('django.admin.navSidebarIsOpen', 'false')"
_LEAVE_OUT = "document.getElementById('nav-sidebar')?.replaceChildren()"
_COMPLAINTS = """async (options) => {
  const { violations } = await axe.run(options);
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`));
}"""

# How far from the top each plot of a row begins, and its bars and its figures.
_ROWS = """() => {
  const top = (at) => Math.round(at.getBoundingClientRect().top);
  const of = (plot) => [plot, plot.querySelector(".plot-area"), plot.querySelector(".plot-figures")].map(top);
  return Object.values(Object.groupBy([...document.querySelectorAll(".plot")].map(of), ([first]) => first));
}"""


@pytest.fixture
def office(transactional_db: None) -> Office:
    return Office()


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_lacks_nothing(browser: Browser, base_url: str, office: Office, part: int) -> None:
    context = open_window(browser, base_url, office)
    context.add_init_script(_CLOSED)
    page, answers, found = context.new_page(), office.answers(), []
    refused = watch_policy(page)

    for path, looks in zip([*office.pages(), *answers][part::PARTS], cycle((THERE, BACK)), strict=False):
        if path in answers:
            page.route(f"**{path}", answering(answers[path].decode()))
        assert getattr(page.goto(path), "ok", False), path
        page.evaluate(_LEAVE_OUT)
        found += [f"{path}: {line}" for line in look(page, looks)]

    context.close()
    assert not found, "\n".join(found)
    assert not refused


def test_the_list_of_models_beside_a_page_lacks_nothing(browser: Browser, base_url: str, office: Office) -> None:
    context = open_window(browser, base_url, office)
    page = context.new_page()
    page.goto(reverse("admin:accounts_user_changelist"))
    assert page.locator("#nav-sidebar a").first.is_visible()

    found = [*look(page, THERE), *look(page, BACK)]

    context.close()
    assert not found, "\n".join(found)


def test_plots_beside_one_another_stand_in_line(browser: Browser, base_url: str, office: Office) -> None:
    context = open_window(browser, base_url, office)
    page = context.new_page()
    page.goto("/admin/")

    rows: list[list[list[float]]] = page.evaluate(_ROWS)

    context.close()
    assert len(rows) > 2
    for tops in rows:
        assert all(each == tops[0] for each in tops), rows


def test_nothing_is_forgotten(office: Office) -> None:
    paths = [*office.pages(), *office.answers()]

    assert len(paths) == len(set(paths)) > 190
    for model in site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert reverse(f"{name}_changelist") in paths
        assert any(path.startswith(reverse(f"{name}_changelist")) and path.endswith("/change/") for path in paths), name
    for end in ("/view-as/", "/refund/", "/money/", "/credits/", "/plan/", "/delete/", "/add/", "/history/", "/done/"):
        assert any(path.endswith(end) for path in paths), end
    for end in ("suspend", "erase", "refuse", "delete_selected", "refused", "logout"):
        assert any(path.endswith(f"shown-{end}") for path in paths), end


def open_window(browser: Browser, base_url: str, office: Office) -> BrowserContext:
    """Return a browser in which the operator is signed in. Colours on their way would be neither theme's."""
    context = browser.new_context(base_url=base_url, viewport=THERE[0][0], reduced_motion="reduce")
    sign_in(context, office.operator, base_url)
    return context


def look(page: Page, looks: tuple[tuple[Any, Any], ...]) -> list[str]:
    """Return a line for each thing that is wrong on the page that is open; Tab walks where the last look was."""
    found: list[str] = []
    page.evaluate(Axe().axe_script)
    for window, theme in looks:
        page.set_viewport_size(window)
        page.emulate_media(color_scheme=theme)
        if page.evaluate("document.documentElement.scrollWidth") > window["width"]:
            found.append(f"{window['width']}: wider than the window")
        found += [f"{window['width']}, {theme}: {line}" for line in page.evaluate(_COMPLAINTS, OPTIONS)]
    return [*found, *(f"{looks[-1][0]['width']}: {line}" for line in missed_here(page))]
