"""A language that is 40 % longer has room on a phone."""

from playwright.sync_api import Page
from pytest_django import Settings

from accounts.models import User
from getimg_site import pseudo_locale
from tests.browser.test_pages import PUBLIC, SIGNED_IN
from tests.generation.pictures import draw
from tests.generation.runs import finished

# The API's own pages hold code, which is wide by itself and tried in English.
_LEFT_OUT = ("/docs/", "/nowhere/", "/accounts/login", "/accounts/signup")
PAGES = [path for path in (*PUBLIC, *SIGNED_IN) if not path.startswith(_LEFT_OUT)]


def test_no_page_is_wider_than_a_phone_in_a_longer_language(
    studio: Page, person: User, base_url: str, settings: Settings
) -> None:
    settings.PSEUDO_LOCALE = True
    studio.context.add_cookies([{"name": "django_language", "value": pseudo_locale.CODE, "url": base_url}])
    studio.set_viewport_size({"width": 390, "height": 844})
    image = finished(person).images.get()
    wide = {}
    for path in [*PAGES, f"/pictures/{image.pk}/", "/library/trash/", "/models/", "/wishes/", "/verify/"]:
        studio.goto(path)
        assert "⟦" in studio.content(), f"{path} is not translated"
        if (width := studio.evaluate("document.documentElement.scrollWidth")) > 390:
            wide[path] = width
    assert not wide


def test_what_scripts_say_is_translated_too(studio: Page, person: User, base_url: str, settings: Settings) -> None:
    settings.PSEUDO_LOCALE = True
    studio.context.add_cookies([{"name": "django_language", "value": pseudo_locale.CODE, "url": base_url}])
    draw(person)
    studio.goto("/library/")
    studio.wait_for_load_state("load")

    studio.keyboard.press("ArrowRight")
    studio.keyboard.press("x")

    studio.wait_for_function("document.querySelector('#selection-count').textContent.startsWith('⟦1 ')")
