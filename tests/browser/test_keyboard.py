"""Whole journeys without a pointer: every stop is reached by Tab, is seen to be reached, and does its work."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import User
from generation import folders, moderation_queue, showcase
from generation.models import Image, ModerationCase, Publication, Report, Reproduction
from getimg_site.models import Wish
from tests.browser.windows import Held
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.generation.videos import make_video

STOPS_MAX = 90
# What the focus is on, as a screen reader would say it, and whether it can be seen to be there.
LOOK = """() => {
  const at = document.activeElement;
  if (at === document.body) return ["", true];
  const label = at.labels?.[0]?.innerText || at.getAttribute("aria-label") || at.innerText || at.alt || "";
  const image = at.querySelector?.("img[alt]:not([alt=''])")?.alt || "";
  const style = getComputedStyle(at);
  const framed = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  return [`${label} ${image}`.replace(/\\s+/g, " ").trim(), framed];
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what has this name, if it is not there yet.

    Fails where it never comes, or can't be seen there.
    """
    passed: list[str] = []
    for _ in range(STOPS_MAX):
        said, is_seen = page.evaluate(LOOK)
        if re.search(name, said):
            assert is_seen, f"the focus on “{said}” can’t be seen"
            return
        passed.append(said[:30])
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never comes to “{name}”; it came to {passed}")


def press_on(page: Page, name: str, key: str = "Enter") -> None:
    tab_to(page, name)
    page.keyboard.press(key)


def test_library(studio: Page, person: User) -> None:
    pictures = [draw(person, prompt=f"fox {number}") for number in range(3)]
    folder = folders.make(person, "Foxes")
    studio.goto("/library/")
    studio.keyboard.press("?")
    expect(studio.get_by_role("dialog")).to_be_visible()
    studio.keyboard.press("Escape")
    expect(studio.get_by_role("dialog")).to_have_count(0)

    studio.keyboard.press("ArrowRight")
    studio.keyboard.press("x")
    expect(studio.locator("#selection-count")).to_have_text("1 selected")
    studio.keyboard.press("m")
    expect(studio.locator(".selection-menu[open] :focus")).to_have_text("Foxes")
    studio.keyboard.press("Enter")
    expect(studio.get_by_text("1 picture is in “Foxes”.")).to_be_visible()
    assert Image.objects.get(folder=folder).pk == pictures[2].pk

    studio.goto("/library/")
    studio.keyboard.press("ArrowRight")
    studio.keyboard.press("Delete")
    expect(studio.locator("#pictures > li")).to_have_count(2)
    press_on(studio, "^Undo")
    expect(studio.locator("#pictures > li")).to_have_count(3)


def test_compare(studio: Page, person: User) -> None:
    first, second = draw(person), draw(person)
    studio.goto(f"/library/compare/{first.pk}/{second.pk}/")
    compare = studio.locator("#compare")

    press_on(studio, "^Side by side")
    expect(compare).to_have_attribute("data-way", "side")
    studio.keyboard.press("Shift+Tab")
    studio.keyboard.press("Enter")
    studio.keyboard.press("ArrowRight")
    expect(studio.locator("#compare-slider")).to_have_value("50.5")
    studio.keyboard.press("Shift+Tab")
    press_on(studio, "Second:")
    studio.wait_for_url(f"**/pictures/{second.pk}/")


def test_showcase(studio: Page, person: User, settings: Settings) -> None:
    settings.SHOWCASE = True
    shown = showcase.publish(draw(make_person("eve@example.com")), is_listed=True, shows_recipe=True)
    studio.goto("/showcase/")

    press_on(studio, "a red fox")
    studio.wait_for_url(f"**/s/{shown.token}/")
    press_on(studio, "^0 likes")
    expect(studio.get_by_role("button", name="1 like")).to_be_visible()
    press_on(studio, "^Report this picture")
    studio.keyboard.press("Tab")
    studio.keyboard.press("Space")
    tab_to(studio, "^More about it")
    studio.keyboard.type("It is mine.")
    press_on(studio, "^Send report")
    expect(studio.locator(".toast")).to_be_visible()
    assert Report.objects.get().words == "It is mine."


def test_a_picture_is_shared_taken_down_and_appealed(studio: Page, person: User) -> None:
    image = draw(person, prompt="a red fox")
    studio.goto(f"/pictures/{image.pk}/")

    open_to, by_nobody = "Whoever has the link sees it.", "Nobody but you sees it."
    for deed, words in (("Share by link", open_to), ("Make private", by_nobody), ("Share by link", open_to)):
        with studio.expect_navigation():
            press_on(studio, f"^{deed}")
        expect(studio.get_by_role("complementary").get_by_text(words)).to_be_visible()

    showcase.report(Publication.objects.get(image=image), None, {"reason": "hate"})
    operator = User.objects.create_superuser("operator@example.com", "correct horse battery")
    moderation_queue.decide(ModerationCase.objects.get(), operator, allows=False, reason="A symbol.")
    studio.goto("/settings/refusals/")
    with studio.expect_navigation():
        press_on(studio, "^See why, or appeal")
    tab_to(studio, "^Say why this should be allowed")
    studio.keyboard.type("It is a fox and nothing else.")
    press_on(studio, "^Send the appeal")
    expect(studio.locator("#toasts")).to_contain_text("Somebody looks at it")
    assert ModerationCase.objects.get().appeal == "It is a fox and nothing else."


def test_a_picture_is_drawn_again_to_be_verified(studio: Page, person: User) -> None:
    image = draw(person, prompt="a red fox")
    studio.goto(f"/pictures/{image.pk}/")

    press_on(studio, "^Verify")

    expect(studio.locator("#proof").get_by_role("status")).to_contain_text("Waiting in line")
    assert Reproduction.objects.get().image_id == image.pk


def test_wishes(studio: Page, person: User) -> None:
    studio.goto("/wishes/")

    tab_to(studio, "^What would you like")
    studio.keyboard.type("Darker nights")
    press_on(studio, "^Put it on the board")
    expect(studio.get_by_role("heading", name="Darker nights")).to_be_visible()
    wish = Wish.objects.get()
    before = wish.votes_count
    press_on(studio, "for Darker nights")
    expect(studio.locator(".wish-vote")).to_have_attribute("aria-pressed", "false" if before else "true")


def test_account_security(studio: Page, person: User) -> None:
    studio.goto("/accounts/2fa/")

    press_on(studio, "^Set up an authenticator app")
    studio.wait_for_url("**/reauthenticate/**")
    tab_to(studio, "^Password")
    studio.keyboard.type("correct horse battery")
    studio.keyboard.press("Enter")
    studio.wait_for_url("**/totp/activate/**")
    secret = studio.locator("#authenticator_secret").input_value()
    cache.clear()
    tab_to(studio, "(?i)code")
    studio.keyboard.type(totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time()))))
    studio.keyboard.press("Enter")
    studio.wait_for_url("**/recovery-codes/**")
    assert Authenticator.objects.filter(user=person, type="totp").exists()

    studio.goto("/accounts/2fa/")
    press_on(studio, "^Show sessions")
    studio.wait_for_url("**/sessions/**")
    tab_to(studio, "^Log out")


def test_what_is_pressed_on_a_slow_connection_is_done_to_the_picture_that_was_meant(studio: Page, person: User) -> None:
    third, second, first = (draw(person, prompt=f"fox {number}") for number in range(3))
    held = Held(studio, "**/library/act/")
    studio.goto("/library/")
    studio.wait_for_load_state("load")
    studio.keyboard.press("ArrowRight")
    studio.keyboard.press("3")
    studio.keyboard.press("ArrowRight")
    studio.keyboard.press("5")
    held.wait_for(2)
    held.let_through()
    expect(studio.locator(f"#picture-{first.pk}")).to_have_attribute("data-stars", "3")
    expect(studio.locator(f"#picture-{second.pk}")).to_have_attribute("data-stars", "5")

    studio.keyboard.press("Delete")
    held.wait_for(1)
    studio.keyboard.press("ArrowRight")
    held.let_through()

    expect(studio.locator(f"#picture-{second.pk}")).to_have_count(0)
    expect(studio.locator(f"#picture-{third.pk} .tile-link")).to_be_focused()
    studio.keyboard.press("ArrowLeft")
    studio.keyboard.press("Delete")
    held.wait_for(1)
    studio.keyboard.press("ArrowRight")
    studio.keyboard.press("Delete")
    held.wait_for(2)
    held.let_through()
    expect(studio.locator("#pictures > li")).to_have_count(0)


def test_the_arrows_seek_in_a_video_that_one_is_at(studio: Page, person: User) -> None:
    draw(person)
    video = make_video(person)
    draw(person)
    studio.goto(f"/pictures/{video.pk}/")
    studio.wait_for_load_state("load")
    studio.evaluate("window.isTheSamePage = true")

    studio.locator("#player").focus()
    studio.keyboard.press("ArrowRight")
    studio.locator("body").evaluate("async () => new Promise((done) => setTimeout(done, 500))")

    assert studio.evaluate("window.isTheSamePage")
    studio.locator("#player").evaluate("video => video.blur()")
    studio.keyboard.press("ArrowRight")
    studio.wait_for_url(lambda address: str(video.pk) not in address)


@pytest.mark.parametrize("menu", [".split-more", ".panel-folder"])
def test_escape_closes_a_menu_beside_a_picture_before_it_leaves(studio: Page, person: User, menu: str) -> None:
    image = draw(person)
    studio.goto(f"/pictures/{image.pk}/")
    studio.wait_for_load_state("load")

    studio.locator(f"{menu} summary").focus()
    studio.keyboard.press("Enter")
    expect(studio.locator(f"{menu}[open]")).to_have_count(1)
    studio.keyboard.press("Tab")
    studio.keyboard.press("Escape")

    expect(studio.locator(f"{menu}[open]")).to_have_count(0)
    expect(studio.locator(f"{menu} summary")).to_be_focused()
    studio.keyboard.press("Escape")
    studio.wait_for_url("**/library/")
