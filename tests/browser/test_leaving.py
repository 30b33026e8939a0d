"""Every press that logs somebody out leaves nothing of theirs in the browser but the theme."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.board import open_in_editor, stroke
from tests.browser.office import make_operator
from tests.browser.test_security import PASSWORD
from tests.browser.windows import sign_in
from tests.generation.uploads import brought

SECRET = "a secret surprise for Bob"
OPENED = """new Promise((done) => {
  indexedDB.open("editor", 1).onsuccess = ({ target }) => { target.result.close(); done(); };
})"""
# The address of the page that is shown now.
HTMX_PLACE = "htmx-current-path-for-history"
KEPT = "Object.keys(localStorage).concat(Object.keys(sessionStorage)).sort()"


def by_menu(page: Page) -> None:
    page.locator("[popovertarget=person-menu]").click()
    page.locator("#person-menu").get_by_role("button", name="Log out").click()


def by_its_own_page(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Log out").click()


def by_the_sessions(page: Page) -> None:
    page.goto("/accounts/sessions/")
    page.get_by_role("main").get_by_role("button", name="Log out").click()


def by_the_admin(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("button", name="Log out").click()


def by_giving_up_the_second_step(page: Page) -> None:
    """Come back when the session is over, and turn round before the authenticator's code."""
    TOTP.activate(User.objects.get(), generate_totp_secret())
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(User.objects.get().email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name="Cancel").click()


def leave_something(page: Page) -> None:
    page.goto("/create/")
    page.evaluate("localStorage.setItem('theme', 'dark'); sessionStorage.setItem('edit:note', '1')")
    page.evaluate(OPENED)
    page.locator("#prompt").fill(SECRET)
    page.wait_for_function("Object.keys(localStorage).some((name) => name.startsWith('draft:'))")


def assert_only_the_theme_is_left(page: Page) -> None:
    assert page.evaluate("Object.keys(localStorage)") == ["theme"]
    assert page.evaluate("Object.keys(sessionStorage)") in ([], [HTMX_PLACE])
    page.wait_for_function("indexedDB.databases().then((found) => !found.length)")


@pytest.mark.parametrize("press", [by_menu, by_its_own_page, by_the_sessions, by_giving_up_the_second_step])
def test_who_logs_out_leaves_nothing_of_theirs_in_the_browser(studio: Page, press: Callable[[Page], None]) -> None:
    leave_something(studio)

    press(studio)
    expect(studio.get_by_role("link", name=re.compile("Log in|Start free")).first).to_be_visible()

    assert_only_the_theme_is_left(studio)
    studio.go_back()
    studio.go_back()
    expect(studio.get_by_text(SECRET)).to_have_count(0)


def test_an_operator_who_logs_out_of_the_admin_leaves_nothing(
    page: Page, base_url: str, transactional_db: None
) -> None:
    sign_in(page.context, make_operator(), base_url)
    leave_something(page)

    by_the_admin(page)
    page.wait_for_url("**/admin/logout/")

    assert_only_the_theme_is_left(page)


def test_what_was_painted_goes_while_another_tab_has_it_open(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    stroke(studio)
    other = studio.context.new_page()
    other.goto("/edit/")
    other.wait_for_function("indexedDB.databases().then((found) => found.length)")
    studio.evaluate("localStorage.setItem('theme', 'dark')")

    by_menu(studio)
    expect(studio.get_by_role("link", name="Start free").first).to_be_visible()

    assert_only_the_theme_is_left(studio)


def test_who_erases_the_account_leaves_nothing_and_who_mistypes_loses_nothing(studio: Page, person: User) -> None:
    leave_something(studio)
    studio.goto("/settings/your-data/erase/")
    studio.get_by_label("Password", exact=True).fill(PASSWORD)
    studio.get_by_role("button", name="Go on").click()

    studio.get_by_label(f"Type {person.email} to confirm").fill("wrong@example.com")
    studio.get_by_role("button", name="Erase my account").click()
    expect(studio.get_by_text(f"Type {person.email} to confirm.")).to_be_visible()
    assert SECRET in studio.evaluate("Object.values(localStorage)")

    studio.get_by_label(f"Type {person.email} to confirm").fill(person.email.upper())
    studio.get_by_role("button", name="Erase my account").click()
    expect(studio.get_by_text("Your account is closed")).to_be_visible()
    assert_only_the_theme_is_left(studio)
