"""Inviting a friend, from the link on the page to the credits, in a real browser."""

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts import referrals
from accounts.models import User
from tests.browser.windows import watch_policy
from tests.generation.runs import finished
from tests.invites import befriend, sweep

PAGE = "/settings/referrals/"


@pytest.mark.usefixtures("size")
def test_a_link_is_copied_and_brings_a_friend(studio: Page, person: User, browser: Browser, base_url: str) -> None:
    studio.context.grant_permissions(["clipboard-read", "clipboard-write"])
    studio.goto(PAGE)
    studio.get_by_role("button", name="Copy", exact=True).click()
    expect(studio.get_by_text("Copied: your link")).to_be_visible()
    assert studio.evaluate("navigator.clipboard.readText()") == studio.get_by_label("Your link").input_value()

    context = browser.new_context(base_url=base_url)
    page = context.new_page()
    refused = watch_policy(page)
    page.goto(f"/r/{referrals.code_of(person)}/")
    expect(page.get_by_text("A friend invited you: 50 credits more after your first picture.")).to_be_visible()
    page.get_by_label("Email").fill("bob@example.com")
    page.get_by_label("Password", exact=True).fill("a long enough secret")
    page.get_by_role("button", name="Create my account").click()
    page.wait_for_url("**/create/")
    assert not refused
    context.close()

    finished(User.objects.get(email="bob@example.com"))
    sweep()
    studio.reload()
    line = studio.get_by_role("listitem").filter(has_text="b…@example.com")
    expect(line).to_contain_text("Rewarded")
    expect(line).to_contain_text("+50")


def test_a_code_is_typed_where_one_asks_for_it(page: Page, person: User, base_url: str) -> None:
    page.goto("/accounts/signup/")
    expect(page.get_by_label("Invite code")).to_be_hidden()
    page.get_by_text("Have an invite code?").click()
    page.get_by_label("Email").fill("bob@example.com")
    page.get_by_label("Password", exact=True).fill("a long enough secret")
    page.get_by_label("Invite code").fill("NOTACODE")
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_label("Invite code")).to_be_focused()
    expect(page.get_by_text("We know no invite code “NOTACODE”.")).to_be_visible()


def test_a_device_that_can_share_is_offered_to(studio: Page, person: User) -> None:
    studio.add_init_script("navigator.share = async (what) => { window.shared = what; };")
    befriend(person, "bob@example.com")
    studio.goto(PAGE)
    studio.get_by_role("button", name="Share").click()
    assert studio.evaluate("window.shared.url") == studio.get_by_label("Your link").input_value()
