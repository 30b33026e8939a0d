"""Journeys through account and site, each on a phone and on a desk."""

import io
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.utils import timezone
from PIL import Image as Pillow
from playwright.sync_api import Page, expect

from accounts.models import User
from generation import erasing, export_worker, report_mail, showcase
from generation.models import Erasure, Export, Publication, Report
from getimg_site.models import BugReport, BugReportFile, Wish
from tests.browser.sizes import fits, goto, saved
from tests.browser.test_security import PASSWORD, add_passkey, give_authenticator
from tests.browser.windows import sign_in
from tests.generation.pictures import draw
from tests.generation.runs import make_person

pytestmark = pytest.mark.usefixtures("size")


# --- The account ---------------------------------------------------------------------------------------------


def test_everything_is_exported_and_then_the_account_erased(studio: Page, person: User) -> None:
    draw(person, prompt="a red fox")
    goto(studio, "/settings/your-data/")
    studio.get_by_role("button", name="Export everything").click()
    expect(studio.get_by_text("Waiting to begin")).to_be_visible()
    fits(studio)
    export_worker.write(Export.objects.get().pk)
    expect(studio.get_by_text("Your export is ready")).to_be_visible()
    names = ZipFile(io.BytesIO(saved(studio, studio.get_by_role("link", name="Download").click))).namelist()
    assert {"profile.json", "credits-site.csv"} <= set(names)
    for folder, suffix in (
        ("pictures", ".png"),
        ("recipes", ".json"),
        ("manifests", ".json"),
        ("certificates", ".json"),
    ):
        assert [name for name in names if name.startswith(f"{folder}/") and name.endswith(suffix)], folder

    studio.get_by_role("link", name="Erase my account").click()
    studio.get_by_label("Password", exact=True).fill(PASSWORD)
    studio.get_by_role("button", name="Go on").click()
    studio.get_by_label("Type ada@example.com to confirm").fill("wrong@example.com")
    fits(studio)
    studio.get_by_role("button", name="Erase my account").click()
    expect(studio.get_by_text("Type ada@example.com to confirm.")).to_be_visible()
    studio.get_by_label("Type ada@example.com to confirm").fill("ada@example.com")
    studio.get_by_role("button", name="Erase my account").click()
    studio.wait_for_load_state("load")
    studio.goto("/library/")
    studio.wait_for_url("**/accounts/login/**")
    erasing.run_due()

    assert Erasure.objects.get().finished_at is not None
    assert mail.outbox[-1].to == ["ada@example.com"]


def test_a_second_factor_is_set_up_and_asked_for(studio: Page, person: User) -> None:
    goto(studio, "/accounts/2fa/")
    studio.get_by_role("link", name="Set up an authenticator app").click()
    studio.get_by_label("Password", exact=True).fill(PASSWORD)
    studio.get_by_role("button", name="Go on").click()
    secret = studio.locator("#authenticator_secret").input_value()
    fits(studio)
    studio.get_by_label(re.compile("code", re.I)).last.fill(code_of(secret))
    studio.keyboard.press("Enter")
    studio.wait_for_url("**/recovery-codes/**")
    fits(studio)
    recovery_code = studio.get_by_role("list", name="Unused codes").locator("li").first.inner_text()
    assert Authenticator.objects.filter(user=person, type="totp").exists()

    for code in (code_of(secret), recovery_code):
        studio.context.clear_cookies()
        goto(studio, "/accounts/login/")
        studio.locator("[name=login]").fill("ada@example.com")
        studio.get_by_label("Password", exact=True).fill(PASSWORD)
        studio.get_by_role("button", name="Log in", exact=True).click()
        studio.wait_for_url("**/2fa/authenticate/**")
        expect(studio.get_by_text("Lost the app or key, and the codes, too? Write to")).to_be_visible()
        fits(studio)
        studio.get_by_label(re.compile("code", re.I)).first.fill(code)
        studio.keyboard.press("Enter")
        studio.wait_for_url("**/create/**")
    goto(studio, "/accounts/2fa/")
    expect(studio.get_by_text("9 of 10 left")).to_be_visible()


def code_of(secret: str) -> str:
    """Return what the app shows now; the same code may be used once more."""
    cache.clear()
    return str(totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time()))))


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
    studio.get_by_label("Files", exact=True).set_input_files(tmp_path / "shot.png")
    fits(studio)
    studio.get_by_role("button", name="Send the report").click()
    expect(studio.locator("#toasts, .toast").first).to_be_visible()

    assert BugReport.objects.get().author == person
    assert BugReportFile.objects.count() == 1


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


def test_strength_is_tried_in_the_editor_on_the_guides_own_picture(studio: Page, person: User) -> None:
    goto(studio, "/guides/strength/")
    shown = studio.locator(".guide-stop:visible")
    strength = shown.locator("strong").inner_text()
    shown.get_by_role("link", name="Try this").click()

    studio.wait_for_url("**/edit/?upload=*")
    expect(studio.locator("#picture-size")).to_have_text("128 × 128")
    expect(studio.locator("[name=task]:checked")).to_have_value("image-to-image")
    expect(studio.locator("#strength")).to_have_value(strength)
    expect(studio.locator("#prompt")).to_have_value("a lemon")
    expect(studio.locator("#generate")).to_be_enabled()


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
