"""Journeys through account and site, each on a phone and on a desk."""

import re
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone
from PIL import Image as Pillow
from playwright.sync_api import Page, expect

from accounts.models import User
from generation import report_mail, showcase
from generation.models import Publication, Report
from getimg_site.models import BugReport, BugReportPicture, Wish
from tests.browser.sizes import fits, goto
from tests.browser.test_security import add_passkey, give_authenticator
from tests.browser.windows import sign_in
from tests.generation.pictures import draw
from tests.generation.runs import make_person

pytestmark = pytest.mark.usefixtures("size")


# --- The account ---------------------------------------------------------------------------------------------


def test_a_passkey_is_added_and_used(page: Page, person: User, base_url: str) -> None:
    here = base_url.replace("127.0.0.1", "localhost")
    give_authenticator(page)
    sign_in(page.context, person, here)
    add_passkey(page, here)
    goto(page, f"{here}/accounts/2fa/webauthn/")
    expect(page.get_by_text("work laptop").first).to_be_visible()

    page.context.clear_cookies()
    goto(page, f"{here}/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url("**/create/")


# --- The site -------------------------------------------------------------------------------------------------


def test_a_wish_is_put_on_the_board_and_voted_for_once(studio: Page, person: User, stranger: Page) -> None:
    goto(studio, "/wishes/")
    studio.get_by_label("What would you like to do?").fill("Darker <b>nights")
    studio.get_by_role("button", name="Put it on the board").click()
    expect(studio.get_by_role("heading", name="Darker <b>nights")).to_be_visible()
    fits(studio)
    before = Wish.objects.get().votes_count

    goto(stranger, "/wishes/")
    stranger.get_by_role("button", name=re.compile("Darker <b>nights")).click()
    expect(stranger.locator(".wish-vote")).to_have_attribute("aria-pressed", "true")
    assert Wish.objects.get().votes_count == before + 1
    stranger.get_by_role("button", name=re.compile("Darker <b>nights")).click()
    expect(stranger.locator(".wish-vote")).to_have_attribute("aria-pressed", "false")
    assert Wish.objects.get().votes_count == before


def test_a_bug_is_reported_with_a_picture_of_it(studio: Page, person: User, tmp_path: Path) -> None:
    Pillow.new("RGB", (64, 64), "red").save(tmp_path / "shot.png")
    goto(studio, "/report-a-bug/")
    studio.get_by_role("button", name="Send the report").click()
    expect(studio.locator("#text")).to_have_attribute("aria-invalid", "true")

    studio.get_by_label("What happened?").fill("I pressed Generate and the button went away.")
    studio.get_by_label("Pictures", exact=True).set_input_files(tmp_path / "shot.png")
    fits(studio)
    studio.get_by_role("button", name="Send the report").click()
    expect(studio.locator("#toasts, .toast").first).to_be_visible()

    assert BugReport.objects.get().author == person
    assert BugReportPicture.objects.count() == 1


def test_a_guide_is_tried_and_fills_the_form(studio: Page, person: User) -> None:
    goto(studio, "/guides/")
    studio.locator("main").get_by_role("link", name=re.compile("Steps", re.I)).first.click()
    studio.wait_for_url("**/guides/steps/")
    fits(studio)
    slider = studio.locator("#guide-range")
    slider.focus()
    slider.press("End")
    shown = studio.locator(".guide-stop:visible")
    expect(shown).to_have_count(1)
    steps = shown.locator("strong").inner_text()
    shown.get_by_role("link", name="Try this").click()

    studio.wait_for_url("**/create/**")
    assert studio.locator("[name=steps]").first.input_value() == steps
    assert studio.locator("#prompt").input_value()
    fits(studio)


def test_what_a_reporter_chose_not_to_hear_is_not_mailed(studio: Page, person: User) -> None:
    goto(studio, "/settings/notifications/")
    box = studio.get_by_label("A report of yours was answered: Email")
    expect(box).to_be_checked()
    box.uncheck(force=True)
    studio.get_by_role("button", name="Save").click()
    studio.wait_for_load_state("load")
    fits(studio)
    shown = showcase.publish(draw(make_person("eve@example.com")), is_listed=False, shows_recipe=True)
    showcase.report(shown, person, {"reason": "hate"})
    showcase.close(Report.objects.all(), Report.Outcome.LEFT)
    mail.outbox.clear()

    assert report_mail.tell_reporters(timezone.now()) == 0
    assert mail.outbox == []
    assert Publication.objects.open().exists()
