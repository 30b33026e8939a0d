"""What holds for every page: keys, themes, small windows, nothing that jumps."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django import Settings

from accounts.models import User
from tests.browser.windows import sign_in, sign_up_from_the_first_page, watch_policy
from tests.generation.runs import finished, submit
from tests.visitors import visitor

LONG_PROMPT = ("Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz auf vergilbtem Papier, " * 12)[:1000]
PUBLIC = [
    "/",
    "/faq/",
    "/pricing/",
    "/pricing/api/",
    "/docs/",
    "/docs/reference/",
    "/docs/playground/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/nowhere/",
]
SETTINGS = [
    "/settings/profile/",
    "/settings/billing/",
    "/settings/referrals/",
    "/settings/api-keys/",
    "/settings/webhooks/",
    "/settings/your-data/",
    "/settings/notifications/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/accounts/email/",
    "/accounts/password/change/",
]
SIGNED_IN = ["/create/", "/library/", *SETTINGS]


@pytest.fixture
def full_library(person: User) -> list[str]:
    """Fill the person's pages; returns the addresses of a run and of a picture too."""
    person.display_name = "Maximiliane-Friederike Schwarz"
    person.save(update_fields=["display_name"])
    job = finished(person, prompt=LONG_PROMPT, negative_prompt=LONG_PROMPT, num_images=10)
    for size in ("160x96", "96x128", "128x160", "128x96"):
        finished(person, num_images=6, size=size)
    submit(person, num_images=3)
    return ["/faq/", "/docs/", *SIGNED_IN, f"/create/runs/{job.pk}/", f"/pictures/{job.images.get(index=3).pk}/"]


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_its_window(studio: Page, full_library: list[str], width: int) -> None:
    studio.set_viewport_size({"width": width, "height": 844})
    for path in full_library:
        studio.goto(path)
        assert studio.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("path", PUBLIC)
def test_no_public_page_is_wider_than_a_phone_or_refused_by_the_policy(page: Page, base_url: str, path: str) -> None:
    refused = watch_policy(page)
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("h1").count() == 1
    assert not refused


@pytest.mark.parametrize("path", ["/settings/webhooks/", "/docs/playground/"])
def test_the_link_to_the_current_page_is_in_view_on_a_phone(studio: Page, path: str) -> None:
    studio.set_viewport_size({"width": 390, "height": 844})

    studio.goto(path)

    current = studio.locator('.settings-nav [aria-current="page"], .docs-nav [aria-current="page"]')
    expect(current).to_be_in_viewport(ratio=1)


SHIFT = (
    "window.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) "
    "if (!entry.hadRecentInput) window.shift += entry.value; }).observe({type: 'layout-shift', buffered: true});"
)


def test_nothing_jumps_while_a_page_loads(studio: Page, full_library: list[str]) -> None:
    studio.add_init_script(SHIFT)
    for path in full_library:
        studio.goto(path)
        studio.wait_for_timeout(300)
        assert studio.evaluate("window.shift") < 0.01, path


@pytest.mark.parametrize("width", [390, 1350])
def test_nothing_jumps_where_the_font_comes_late(page: Page, base_url: str, settings: Settings, width: int) -> None:
    settings.TEST_SHOP = True  # a line above the page that is a little shorter or longer in another face
    page.set_viewport_size({"width": width, "height": 844})
    page.add_init_script(SHIFT)
    late: list[Route] = []
    page.route("**/*.woff2", lambda route: late.append(route))
    for path in ("/", "/pricing/", "/faq/"):
        page.goto(path, wait_until="domcontentloaded")
        page.wait_for_timeout(600)
        while late:
            late.pop().continue_()
        page.wait_for_timeout(600)
        assert page.evaluate("window.shift") < 0.01, path


def test_the_button_and_the_prompt_stay_in_view_on_a_phone(studio: Page, full_library: list[str]) -> None:
    studio.set_viewport_size({"width": 390, "height": 844})
    studio.goto("/create/")

    for distance in (0, 600, 10_000):
        studio.evaluate(f"window.scrollTo(0, {distance})")
        expect(studio.locator("#prompt")).to_be_in_viewport(ratio=1)
        expect(studio.locator("#generate")).to_be_in_viewport(ratio=1)


def test_notices_above_the_page_push_nothing_out_of_view(
    studio: Page, full_library: list[str], settings: Settings
) -> None:
    settings.TEST_SHOP = True
    studio.set_viewport_size({"width": 1440, "height": 900})
    studio.goto("/create/")

    for distance in (0, 600):
        studio.evaluate(f"window.scrollTo(0, {distance})")
        for part in ("#generate", "#test-shop-bar", ".rail-foot"):
            expect(studio.locator(part).last).to_be_in_viewport(ratio=1)


def test_settings_are_a_sheet_on_a_phone(studio: Page) -> None:
    studio.set_viewport_size({"width": 390, "height": 844})
    studio.goto("/create/")
    expect(studio.locator("#settings")).to_be_hidden()

    studio.get_by_role("button", name="Settings", exact=True).click()
    studio.get_by_role("radio", name="7", exact=True).check()
    studio.get_by_role("button", name="Close settings").click()

    expect(studio.locator("#settings")).to_be_hidden()
    expect(studio.locator("#generate")).to_have_text(re.compile("7 credits"))


def test_an_error_in_the_sheet_opens_it(studio: Page) -> None:
    studio.set_viewport_size({"width": 390, "height": 844})
    studio.goto("/create/")
    studio.locator("#prompt").fill("a red fox")
    studio.evaluate("document.getElementById('steps').value = '1000'")

    studio.locator("#generate").click()

    expect(studio.locator("#steps")).to_be_focused()
    expect(studio.locator("#steps-error")).to_be_visible()


def test_the_keys_are_shown_and_work(studio: Page, person: User) -> None:
    finished(person, num_images=3)
    studio.goto("/create/")
    studio.keyboard.press("?")
    expect(studio.get_by_role("dialog", name="Keys")).to_be_visible()
    studio.keyboard.press("Escape")
    expect(studio.get_by_role("dialog", name="Keys")).to_be_hidden()

    studio.keyboard.press("/")
    expect(studio.locator("#prompt")).to_be_focused()
    studio.keyboard.type("g l ?")
    expect(studio.locator("#prompt")).to_have_value("g l ?")

    studio.locator("#prompt").blur()
    studio.keyboard.press("g")
    studio.keyboard.press("l")
    expect(studio).to_have_url(re.compile("/library/$"))


def test_a_theme_is_kept_and_there_before_the_page_is_painted(studio: Page) -> None:
    studio.goto("/library/")
    studio.get_by_role("button", name=re.compile("menu")).click()
    studio.get_by_role("button", name="Dark").click()
    assert studio.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 17, 18)"

    studio.add_init_script(
        "document.addEventListener('DOMContentLoaded',"
        " () => { window.early = document.documentElement.dataset.theme; })"
    )
    studio.reload()

    assert studio.evaluate("window.early") == "dark"
    studio.get_by_role("button", name=re.compile("menu")).click()
    studio.get_by_role("button", name="As the system").click()
    assert studio.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("path", ["/create/", "/faq/", "/docs/"])
def test_the_settings_are_reached_from_the_name_at_the_top_right(studio: Page, person: User, path: str) -> None:
    studio.goto(path)

    studio.get_by_role("button", name=re.compile(person.name)).click()
    studio.locator("#person-menu").get_by_role("link", name="Settings").click()
    studio.get_by_role("navigation", name="Settings").get_by_role("link", name="Billing").click()

    expect(studio.get_by_role("heading", name="Billing")).to_be_visible()


def test_logging_out_takes_one_press(studio: Page, person: User) -> None:
    studio.goto("/create/")
    studio.get_by_role("button", name=re.compile(person.name)).click()

    studio.get_by_role("button", name="Log out").click()

    expect(studio.get_by_role("link", name="Log in")).to_be_visible()


def test_signing_up_keeps_the_first_prompt_and_notes_the_browsers_time_zone(page: Page, base_url: str) -> None:
    sign_up_from_the_first_page(page, "a fox and a red apple")

    assert User.objects.get(email="neu@example.com").time_zone == "Europe/Berlin"


def test_a_password_that_is_refused_has_the_focus(page: Page, base_url: str) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill("neu@example.com")
    page.get_by_label("Password", exact=True).fill("123")

    page.get_by_role("button", name="Create my account").click()

    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    expect(page.get_by_label("Email")).to_have_value("neu@example.com")


def test_the_profile_offers_the_browsers_time_zone(studio: Page, person: User) -> None:
    studio.goto("/settings/profile/")

    studio.get_by_role("button", name="Use that").click()
    studio.get_by_role("button", name="Save").click()

    expect(studio.locator("#toasts")).to_contain_text("Profile saved.")
    person.refresh_from_db()
    assert person.time_zone == "Europe/Berlin"


def test_without_javascript_a_run_is_made_followed_and_canceled(
    browser: Browser, base_url: str, person: User, settings: Settings
) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, person, base_url)
    page = context.new_page()
    page.goto("/create/")
    page.locator("#prompt").fill("a red fox")

    page.locator("#generate").click()
    page.get_by_role("link", name="a red fox").click()
    page.get_by_role("button", name="Cancel").click()

    expect(page.locator(".run")).to_contain_text("Canceled. 4 credits are back.")
    context.close()


def test_a_page_of_a_stranger_is_not_found_in_the_sites_own_look(studio: Page) -> None:
    studio.goto("/pictures/00000000-0000-7000-8000-000000000000/")

    expect(studio.get_by_role("heading", name="Nothing is here")).to_be_visible()


def test_the_page_of_an_error_of_ours_needs_nothing_but_files(db: None) -> None:
    from django.template.loader import get_template

    page = get_template("500.html").render()

    assert "Something broke" in page
    assert "/static/css/tokens.css" in page
    assert visitor().get("/").status_code == 200
