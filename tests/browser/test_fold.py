"""“Advanced” is one fold on three pages, and stays as it was left."""

from playwright.sync_api import Page, expect

from tests.flows.clusters import wait_for


def test_the_fold_stays_as_it_was_left(studio: Page) -> None:
    studio.goto("/create/")
    studio.get_by_text("Advanced").click()
    expect(studio.locator("#seed")).to_be_visible()
    # The browser tells of the toggle a moment after it shows it.
    wait_for(lambda: any(cookie.get("name") == "advanced" for cookie in studio.context.cookies()), "the cookie")

    studio.reload()

    expect(studio.locator("#seed")).to_be_visible()


def test_the_fold_is_one_for_create_edit_and_video(studio: Page, base_url: str) -> None:
    # Create had a cookie of its own once, which browsers keep for a year.
    studio.context.add_cookies([{"name": "advanced", "value": "open", "url": f"{base_url}/create/"}])

    for address, state in (("/create/", "closed"), ("/edit/", "open"), ("/create/", "closed"), ("/video/", "open")):
        studio.goto(address)
        studio.locator("#advanced > summary").click()
        studio.wait_for_function("state => document.cookie.includes(`advanced=${state}`)", arg=state)

    kept = [(cookie["path"], cookie["value"]) for cookie in studio.context.cookies() if cookie["name"] == "advanced"]
    assert kept == [("/", "open")]
    studio.goto("/create/")
    expect(studio.locator("#seed")).to_be_visible()
