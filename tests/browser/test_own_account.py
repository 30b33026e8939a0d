"""Sessions and the address of one's account, each on a phone and on a desk."""

import re

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from tests.browser.sizes import SIZES, fits, goto
from tests.browser.test_security import PASSWORD

pytestmark = pytest.mark.usefixtures("size")


def log_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def test_another_session_is_ended_and_is_out(
    page: Page, person: User, browser: Browser, base_url: str, size: str
) -> None:
    context = browser.new_context(**SIZES[size], base_url=base_url)
    other = context.new_page()
    for window in (page, other):
        log_in(window, person.email)
        window.wait_for_url("**/create/**")
    goto(page, "/accounts/2fa/")
    page.get_by_role("link", name="Show sessions").click()
    expect(page.locator(".session-words")).to_have_count(2)
    expect(page.get_by_text("This one")).to_have_count(1)
    fits(page)

    page.get_by_role("button", name="Log out the others").click()

    expect(page.get_by_role("button", name="Log out the others")).to_have_count(0)
    goto(page, "/accounts/sessions/")
    expect(page.locator(".session-words")).to_have_count(1)
    assert UserSession.objects.count() == 1
    other.goto("/library/")
    other.wait_for_url("**/accounts/login/**")
    goto(page, "/library/")
    assert page.url.endswith("/library/")
    context.close()


def test_the_address_is_changed_once_it_is_confirmed(studio: Page, person: User) -> None:
    goto(studio, "/accounts/2fa/")
    studio.get_by_role("link", name="Change email").click()
    ask_for(studio, "new@example.com")
    expect(studio.get_by_text("Until then you log in with ada@example.com.")).to_be_visible()
    fits(studio)
    letter = mail.outbox[-1]
    assert letter.to == ["new@example.com"]
    assert letter.subject == "Confirm your address for getimg"
    assert "sign up" not in letter.body
    person.refresh_from_db()
    assert person.email == "ada@example.com"

    link = re.search(r"/accounts/confirm-email/\S+", str(letter.body))
    assert link is not None
    goto(studio, link[0])
    expect(studio.get_by_text("new@example.com")).to_be_visible()
    studio.get_by_role("button", name="Confirm").click()
    studio.wait_for_url(lambda address: "confirm-email" not in address)
    goto(studio, "/accounts/email/")
    expect(studio.get_by_label("Email now")).to_have_value("new@example.com")

    studio.context.clear_cookies()
    log_in(studio, "ada@example.com")
    expect(studio.get_by_role("alert").or_(studio.locator(".field-error")).first).to_be_visible()
    log_in(studio, "new@example.com")
    studio.wait_for_url("**/create/**")
    goto(studio, link[0])
    expect(studio.get_by_role("heading", name="This link no longer works")).to_be_visible()


def test_a_change_of_address_is_taken_back_and_its_link_with_it(studio: Page, person: User) -> None:
    goto(studio, "/accounts/email/")
    ask_for(studio, "new@example.com")
    link = re.search(r"/accounts/confirm-email/\S+", str(mail.outbox[-1].body))
    studio.get_by_role("button", name="Cancel the change").click()
    expect(studio.get_by_text("Waiting for new@example.com")).to_have_count(0)
    fits(studio)

    assert link is not None
    goto(studio, link[0])
    expect(studio.get_by_role("heading", name="This link no longer works")).to_be_visible()
    person.refresh_from_db()
    assert person.email == "ada@example.com"


def ask_for(page: Page, address: str) -> None:
    """Ask for another address, behind the password where that is asked for."""
    page.wait_for_load_state("load")
    if "/reauthenticate/" in page.url:
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
    page.get_by_label("Email", exact=True).or_(page.locator("input[name=email]:visible")).first.fill(address)
    page.get_by_role("button", name="Change email").click()
    if "/reauthenticate/" in page.url:
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text(f"Waiting for {address}")).to_be_visible()
