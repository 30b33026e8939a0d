"""By keyboard alone: Tab comes to everything that can be pressed or typed into, and shows where it is.

Here are the doors, and whether the test itself sees what is wrong; `test_everywhere.py` walks all pages.
"""

import pytest
from playwright.sync_api import Page

DOORS = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
# Notes each place that the focus comes to, and whether it can be seen there: on it, on what stands around it, or on
# what stands for it (a card beside a radio button).
_WATCH = """() => {
  const candidates = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const isStop = (at) => at.tabIndex >= 0 && !at.disabled && at.checkVisibility({ visibilityProperty: true });
  const stops = [...document.querySelectorAll(candidates)].filter(isStop);
  const isFramed = (at) => {
    const style = getComputedStyle(at);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  window.watched = { stops, reached: new Set(), unseen: new Set() };
  document.addEventListener("focusin", ({ target: at }) => {
    watched.reached.add(at);
    const near = [at, at.parentElement, at.nextElementSibling, at.closest("label"), ...(at.labels ?? [])];
    if (at !== document.body && !near.some((one) => one && isFramed(one))) watched.unseen.add(at);
  });
  return stops.length;
}"""
_MISSED = """() => {
  const name = (at) => at.outerHTML.replace(/\\s+/g, " ").slice(0, 110);
  // Of radio buttons of one name the keyboard stops at one; the arrows go on from there.
  const radios = new Set([...watched.reached].filter((at) => at.type === "radio").map((at) => at.name));
  const isReached = (at) => watched.reached.has(at) || (at.type === "radio" && radios.has(at.name));
  const missed = watched.stops.filter((at) => at.isConnected && !isReached(at));
  const unseen = [...watched.unseen];
  return [...missed.map((at) => `not reached: ${name(at)}`), ...unseen.map((at) => `not seen: ${name(at)}`)];
}"""


def missed(page: Page, path: str) -> list[str]:
    """Return a line for each place of a page that Tab does not come to, or where nobody sees that it has come."""
    page.goto(path)
    page.wait_for_load_state("load")
    return [f"{path}: {line}" for line in missed_here(page)]


def missed_here(page: Page) -> list[str]:
    """Return the same of the page that is open."""
    stops: int = page.evaluate(_WATCH)
    # Held down, it repeats itself.
    for _ in range(stops + 5):
        page.keyboard.down("Tab")
    page.keyboard.up("Tab")
    lines: list[str] = page.evaluate(_MISSED)
    return lines


@pytest.mark.parametrize("path", DOORS)
def test_tab_comes_to_everything_before_one_is_signed_in(page: Page, base_url: str, path: str) -> None:
    assert not missed(page, path)


def test_what_cannot_be_reached_or_seen_is_found(page: Page, base_url: str) -> None:
    page.goto("/faq/")
    page.evaluate("""() => {
      document.querySelector("main").innerHTML = '<button id="plain">One</button><button id="trapped">Two</button>';
      const plain = document.querySelector("#plain");
      plain.style.outline = "none";
      plain.addEventListener("keydown", (event) => event.key === "Tab" && event.preventDefault());
    }""")
    stops: int = page.evaluate(_WATCH)
    for _ in range(stops + 5):
        page.keyboard.press("Tab")

    found = page.evaluate(_MISSED)

    assert any("not seen" in line and "plain" in line for line in found)
    assert any("not reached" in line and "trapped" in line for line in found)
