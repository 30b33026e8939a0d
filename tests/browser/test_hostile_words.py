"""Scripts in what people type are shown as text, on every page that shows it, to everybody who sees it."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from accounts.models import User
from generation import presets, showcase
from generation.models import Image, ModerationCase
from getimg_site import wishes
from tests.browser.windows import sign_in, watch_policy
from tests.generation.pictures import draw
from tests.generation.planted import plant
from tests.generation.runs import make_person
from tests.generation.trained import draft, ready

# Leaves an attribute, an element and a string of a script, and is run wherever one of them lets it out.
HOSTILE = """'"><img src=x class=planted onerror="window.hacked=1"><script>window.hacked=1</script>${hacked=1}"""
SHORT = '"><b class=planted>'


@pytest.fixture
def image(person: User) -> Image:
    """Return a picture around which everything that can be typed is hostile."""
    image = plant(person, text=HOSTILE, name=SHORT)
    presets.save(person, {"name": SHORT, "prompt": HOSTILE, "negative_prompt": HOSTILE})
    wishes.add(person, HOSTILE[:90], HOSTILE)
    return image


def harmless(page: Page, paths: list[str]) -> None:
    """Open pages, and see that nothing that was typed became a part of them."""
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        assert answer.ok, path
        page.wait_for_load_state("load")
        assert page.locator(".planted").count() == 0, path
        assert page.evaluate("window.hacked") is None, path


def test_the_owners_pages_show_it_as_text(studio: Page, person: User, image: Image) -> None:
    second = draw(person, prompt=HOSTILE, seed=3)
    made, begun = ready(person, name=SHORT), draft(person, 1, name=SHORT, trigger_word="zwerg2")
    case = ModerationCase.objects.create(
        user=person, kind="prompt", action="blocked", category="gore", text=HOSTILE, found=SHORT, appeal=HOSTILE
    )
    harmless(
        studio,
        [
            *(
                "/library/",
                "/library/?q=%22%3E%3Cb%20class%3Dplanted%3E&tag=%22%3E%3Cb%20class%3Dplanted%3E",
                "/create/",
            ),
            *(f"/pictures/{image.pk}/", f"/library/compare/{image.pk}/{second.pk}/", f"/create/?from={image.pk}"),
            *(f"/create/runs/{image.job_id}/", f"/edit/{image.pk}/", f"/video/{image.pk}/", "/create/styles/"),
            *("/models/", f"/models/{made.pk}/", f"/models/{begun.pk}/", "/settings/profile/", "/wishes/"),
            *("/settings/refusals/", f"/settings/refusals/{case.pk}/", "/settings/billing/"),
        ],
    )


def test_what_scripts_put_on_the_page_is_text_too(studio: Page, image: Image) -> None:
    studio.goto(f"/pictures/{image.pk}/")
    studio.wait_for_load_state("load")
    studio.locator("[data-copy*=planted]").first.click()
    expect(studio.locator("#toasts")).to_contain_text("Copied")
    studio.goto("/create/")
    studio.wait_for_load_state("load")
    studio.locator("#prompt").press("ArrowUp")
    studio.get_by_label("Search your prompts").or_(studio.locator("#prompt")).first.fill(HOSTILE)

    assert studio.locator(".planted").count() == 0
    assert studio.evaluate("window.hacked") is None


def test_strangers_and_operators_see_it_as_text(
    browser: Browser, base_url: str, image: Image, settings: Settings
) -> None:
    settings.SHOWCASE = True
    shown = showcase.publish(image, is_listed=True, shows_recipe=True)
    showcase.report(shown, None, {"reason": "hate", "words": HOSTILE})
    case = ModerationCase.objects.get()
    operator = User.objects.create_superuser("operator@example.com", "correct horse battery")
    for who, paths in (
        (None, ["/showcase/", "/showcase/tags/", f"/s/{shown.token}/", f"/verify/?picture={image.pk}", "/wishes/"]),
        (make_person("bob@example.com"), [f"/s/{shown.token}/", f"/create/?remix={shown.token}"]),
        (
            operator,
            [
                *("/admin/generation/moderationcase/", f"/admin/generation/moderationcase/{case.pk}/change/"),
                *("/admin/generation/report/", "/admin/generation/job/", "/admin/getimg_site/wish/"),
                *(f"/admin/accounts/user/{image.user_id}/change/", f"/admin/generation/job/{image.job_id}/change/"),
            ],
        ),
    ):
        context = browser.new_context(base_url=base_url)
        if who:
            sign_in(context, who, base_url)
        page = context.new_page()
        refused = watch_policy(page)
        harmless(page, paths)
        assert not refused
        context.close()
