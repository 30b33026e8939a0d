"""Passkeys in a real browser, with an authenticator of its own: added, and then used instead of a password."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.windows import sign_in, watch_policy

PASSWORD = "correct horse battery"


@pytest.fixture
def here(base_url: str) -> str:
    """Return the site's address by the one name for which browsers allow passkeys without HTTPS."""
    return base_url.replace("127.0.0.1", "localhost")


def give_authenticator(page: Page) -> Any:
    """Put an authenticator into the browser that confirms whatever it is asked; returns the way to it."""
    way = page.context.new_cdp_session(page)
    way.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return way, way.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def add_passkey(page: Page, here: str) -> None:
    page.goto(f"{here}/accounts/2fa/webauthn/add/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("work laptop")
    page.get_by_label("Log in with it without a password").check()
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/recovery-codes/**")


def test_a_passkey_is_added_and_logs_in_without_a_password(page: Page, person: User, here: str) -> None:
    refused = watch_policy(page)
    give_authenticator(page)
    sign_in(page.context, person, here)
    add_passkey(page, here)
    assert Authenticator.objects.filter(user=person, type="webauthn").count() == 1
    page.goto(f"{here}/accounts/2fa/webauthn/")
    expect(page.get_by_text("work laptop").first).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{here}/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()

    page.wait_for_url("**/create/")
    assert not refused


def test_what_went_wrong_with_a_passkey_is_said_beside_it(page: Page, person: User, here: str) -> None:
    way, authenticator = give_authenticator(page)
    way.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.goto(f"{here}/accounts/login/")

    page.get_by_role("button", name="Log in with a passkey").click()

    expect(page.get_by_role("alert").filter(has_text="Try again")).to_be_visible()
