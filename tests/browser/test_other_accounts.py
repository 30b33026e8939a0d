"""Google and GitHub open the doors: sign-up by them, connected, disconnected, turned away; on a phone and a desk."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.sessions.backends.cached_db import SessionStore
from playwright.sync_api import Page, expect

from accounts.models import Referral, User
from billing import ledger
from tests.browser.sizes import fits, goto
from tests.browser.test_security import PASSWORD
from tests.browser.vouched import VouchedSite, letters, text_of, vouched_site
from tests.browser.windows import watch_policy
from tests.generation.runs import make_person
from tests.invites import make_referrer
from tests.vouchers import Person, Trouble, Voucher

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("size", "quiet")]

BOB = Person(7, "Bob Smith", "bob@example.com")


@pytest.fixture(scope="session")
def site(session_environment: dict[str, str]) -> Iterator[VouchedSite]:
    """Yield the site with both of them set up."""
    with vouched_site(session_environment) as found:
        yield found


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any], site: VouchedSite) -> dict[str, Any]:
    """Open pages of that site by their path."""
    return {**browser_context_args, "base_url": site.url}


@pytest.fixture
def quiet(site: VouchedSite) -> None:
    """Have nobody wait elsewhere, no mail lie here, and nothing be wrong."""
    letters()
    for voucher in (site.google, site.github):
        voucher.people, voucher.trouble = [BOB], Trouble.NONE
        voucher.asked.clear()


@pytest.fixture
def window(page: Page) -> Iterator[Page]:
    """Yield a page whose policy must refuse nothing, the way out to another site least of all."""
    refused = watch_policy(page)
    yield page
    assert not refused


def confirmed(email: str) -> User:
    """Return somebody with a password whose address is confirmed."""
    user = make_person(email)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    return user


def go_by(page: Page, voucher: Voucher, press: str, who: str = BOB.email) -> None:
    """Press the button of another site and say there who one is."""
    page.get_by_role("button", name=press).click()
    page.wait_for_url(f"{voucher.url}/**")
    page.get_by_role("button", name=who).click()
    page.wait_for_url("http://localhost:*/**")
    fits(page)


def log_in(page: Page, email: str) -> None:
    page.locator("[name=login]").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def say_it_is_me(page: Page) -> None:
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def test_a_friend_signs_up_by_google_and_comes_back_by_it(window: Page, site: VouchedSite) -> None:
    ada = make_referrer()
    goto(window, f"/r/{ada.referral_code}/")
    goto(window, "/accounts/signup/")
    go_by(window, site.google, "Go on with Google")

    window.wait_for_url("**/create/")
    expect(window.get_by_role("link", name=re.compile("100"))).to_be_visible()
    bob = User.objects.get(email=BOB.email)
    assert ledger.available(ledger.wallet_of(bob)) == 100
    assert Referral.objects.get(friend=bob, referrer=ada).state == Referral.State.CONFIRMED
    assert (bob.time_zone, bob.has_usable_password()) == ("Europe/Berlin", False)
    assert SocialAccount.objects.get(user=bob).extra_data == {"email": BOB.email}
    assert not SocialToken.objects.exists()

    window.context.clear_cookies()
    goto(window, "/library/")
    go_by(window, site.google, "Go on with Google")
    window.wait_for_url("**/library/")
    assert SocialAccount.objects.filter(user=bob).count() == 1
    assert site.google.asked[-1]["scope"].split() in (["profile", "email"], ["email", "profile"])


def test_github_is_connected_beside_google_and_the_last_way_in_stays(window: Page, site: VouchedSite) -> None:
    goto(window, "/accounts/signup/")
    go_by(window, site.google, "Go on with Google")
    goto(window, "/accounts/3rdparty/")
    window.get_by_role("button", name="Disconnect Google").click()
    expect(window.get_by_text("Set a password first")).to_be_visible()

    go_by(window, site.github, "Connect GitHub")
    expect(window.get_by_text("GitHub is connected")).to_be_visible()
    letter = letters()[-1]
    assert letter["subject"] == "GitHub opens your account now"
    assert f"opened by Google ({BOB.email}), GitHub (bob)" in text_of(letter)

    goto(window, "/accounts/sessions/")
    expect(window.get_by_role("button", name="Disconnect")).to_have_count(2)
    window.get_by_role("button", name="Disconnect GitHub").click()
    expect(window.get_by_role("button", name="Connect GitHub")).to_be_visible()
    assert letters()[-1]["subject"] == "GitHub opens your account no more"

    window.context.clear_cookies()
    goto(window, "/accounts/login/")
    go_by(window, site.github, "Go on with GitHub")
    expect(window.get_by_role("heading", name="You have an account here")).to_be_visible()
    assert User.objects.count() == 1


def test_an_address_that_has_an_account_is_led_to_it_and_connected_there(window: Page, site: VouchedSite) -> None:
    bob = confirmed(BOB.email)
    goto(window, "/accounts/signup/")
    go_by(window, site.github, "Go on with GitHub")
    expect(window.get_by_text("bob@example.com has an account")).to_be_visible()
    assert not SocialAccount.objects.exists()

    window.get_by_role("link", name="Log in and connect GitHub").click()
    log_in(window, BOB.email)
    window.wait_for_url("**/accounts/3rdparty/")
    go_by(window, site.github, "Connect GitHub")
    say_it_is_me(window)
    expect(window.get_by_role("button", name="Disconnect GitHub")).to_be_visible()

    window.context.clear_cookies()
    goto(window, "/accounts/login/")
    go_by(window, site.github, "Go on with GitHub")
    window.wait_for_url("**/create/")
    assert SocialAccount.objects.get().user == bob
    assert User.objects.count() == 1


def test_an_address_that_nobody_has_proved_takes_nothing_over(window: Page, site: VouchedSite) -> None:
    bob = confirmed(BOB.email)
    site.google.people = [Person(9, "Eve Smith", BOB.email, is_verified=False)]
    goto(window, "/accounts/login/")
    go_by(window, site.google, "Go on with Google")

    # What a stranger sees is what a new person sees; the owner reads of it.
    expect(window.get_by_role("heading", name="Confirm your address")).to_be_visible()
    assert [(letter["to"], letter["subject"]) for letter in letters()] == [(BOB.email, "You have an account at getimg")]
    assert list(User.objects.all()) == [bob]
    assert not SocialAccount.objects.exists()
    goto(window, "/library/")
    window.wait_for_url("**/accounts/**")


def test_who_turns_back_or_is_not_vouched_for_is_told_and_stays_out(window: Page, site: VouchedSite) -> None:
    goto(window, "/accounts/login/")
    go_by(window, site.google, "Go on with Google", "Cancel")
    expect(window.get_by_role("heading", name="You turned back")).to_be_visible()

    for trouble in (Trouble.ERROR, Trouble.TOKENS):
        site.google.trouble = trouble
        goto(window, "/accounts/login/")
        go_by(window, site.google, "Go on with Google")
        expect(window.get_by_role("heading", name="That did not work")).to_be_visible()
    site.github.trouble = Trouble.DOWN
    goto(window, "/accounts/login/")
    go_by(window, site.github, "Go on with GitHub")
    expect(window.get_by_role("heading", name="That did not work")).to_be_visible()

    goto(window, "/accounts/google/login/callback/?code=somebodys&state=made-up")
    expect(window.get_by_role("heading", name="That did not work")).to_be_visible()
    assert not User.objects.exists()


def test_what_is_connected_outlives_another_address_and_both_mailboxes_are_told(
    window: Page, site: VouchedSite
) -> None:
    bob = confirmed(BOB.email)
    SocialAccount.objects.create(user=bob, provider="github", uid=str(BOB.uid), extra_data={"login": "bob"})
    goto(window, "/accounts/login/")
    go_by(window, site.github, "Go on with GitHub")
    goto(window, "/accounts/email/")
    window.get_by_label("New email").fill("new@example.com")
    window.get_by_role("button", name="Change email").click()
    say_it_is_me(window)
    (letter,) = letters()
    assert letter["to"] == "new@example.com"
    (code,) = re.findall(r"^ +([A-Z0-9-]{6,})$", text_of(letter), re.MULTILINE)

    window.get_by_label("Code").fill(code)
    window.get_by_role("button", name="Confirm").click()
    window.wait_for_url("**/accounts/email/")
    (told,) = letters()
    assert (told["to"], told["subject"]) == (BOB.email, "The address of your account was changed")
    assert "changed from bob@example.com to new@example.com" in text_of(told)
    assert "also opened by GitHub (bob)" in text_of(told)
    assert "Write to hello@localhost at once" in text_of(told)

    window.context.clear_cookies()
    goto(window, "/accounts/login/")
    go_by(window, site.github, "Go on with GitHub")
    window.wait_for_url("**/create/")
    assert SocialAccount.objects.get().user.email == "new@example.com"


def test_an_old_session_of_who_has_no_password_is_asked_by_the_site_it_came_from(
    window: Page, site: VouchedSite
) -> None:
    goto(window, "/accounts/signup/")
    go_by(window, site.google, "Go on with Google")
    window.wait_for_url("**/create/")
    grow_old(window)
    for path in ("/accounts/2fa/totp/activate/", "/settings/your-data/erase/", "/accounts/password/set/"):
        goto(window, path)
        expect(window.get_by_role("heading", name="Is it you?")).to_be_visible()
    goto(window, "/accounts/3rdparty/")
    go_by(window, site.github, "Connect GitHub")
    expect(window.get_by_role("heading", name="Is it you?")).to_be_visible()
    assert not SocialAccount.objects.filter(provider="github").exists()

    go_by(window, site.google, "Go on with Google")
    window.wait_for_url("**/accounts/3rdparty/")
    assert site.google.asked[-1]["prompt"] == "select_account consent"
    go_by(window, site.github, "Connect GitHub")
    expect(window.get_by_role("button", name="Disconnect GitHub")).to_be_visible()
    goto(window, "/accounts/password/set/")
    expect(window.get_by_role("heading", name="Set a password")).to_be_visible()


def grow_old(page: Page) -> None:
    """Have the session's log-in lie longer back than a change allows."""
    (key,) = (cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    session = SessionStore(key)
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()


def test_an_account_elsewhere_opens_one_account_here_by_its_main_address(window: Page, site: VouchedSite) -> None:
    site.github.people = [replace(BOB, others=("ada@example.com",))]
    goto(window, "/accounts/signup/")
    go_by(window, site.github, "Go on with GitHub")
    window.wait_for_url("**/create/")
    assert [row.email for row in EmailAddress.objects.all()] == [BOB.email]

    window.context.clear_cookies()
    confirmed("ada@example.com")
    goto(window, "/accounts/login/?next=/accounts/3rdparty/")
    log_in(window, "ada@example.com")
    go_by(window, site.github, "Connect GitHub")
    say_it_is_me(window)

    expect(window.get_by_text("connected to another account here")).to_be_visible()
    assert SocialAccount.objects.get().user.email == BOB.email
