"""A developer's first minutes with keys, in a window."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts import api_keys
from accounts.errors import KeyRefused
from accounts.models import User
from tests.browser.windows import watch_policy


def test_a_key_is_made_copied_rotated_and_revoked(studio: Page, person: User) -> None:
    refused = watch_policy(studio)
    studio.context.grant_permissions(["clipboard-read", "clipboard-write"])
    studio.goto("/settings/api-keys/")
    studio.get_by_label("Name").fill("Shop server")
    studio.get_by_text("Live", exact=True).click()
    studio.get_by_text("Limits", exact=True).click()
    studio.get_by_label("Credits a day").fill("50")
    studio.get_by_role("button", name="Create key").click()

    text = studio.get_by_label("Live key").input_value()
    studio.get_by_role("button", name="Copy", exact=True).first.click()
    assert studio.evaluate("navigator.clipboard.readText()") == text
    expect(studio.get_by_text("Copied: the key")).to_be_visible()
    assert api_keys.verify(text, "127.0.0.1").daily_cap == 50

    studio.get_by_role("link", name="I have it").click()
    expect(studio.get_by_text("0 pictures", exact=True)).to_be_visible()
    studio.get_by_role("link", name=re.compile("Shop server")).click()
    expect(studio.get_by_text("0 of 50 credits spent today")).to_be_visible()
    studio.get_by_role("button", name="Rotate").click()
    assert studio.get_by_label("Live key").input_value() != text

    studio.get_by_role("link", name="I have it").click()
    studio.get_by_role("link", name=re.compile("Shop server")).click()
    studio.get_by_text("Revoke …").click()
    studio.get_by_role("button", name="Revoke the key").click()
    expect(studio.get_by_text("“Shop server” is revoked.")).to_be_visible()
    with pytest.raises(KeyRefused):
        api_keys.verify(text, "127.0.0.1")
    assert not refused


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_about_keys_is_wider_than_its_window(studio: Page, person: User, width: int) -> None:
    key, _ = api_keys.create(person, "Rindfleischetikettierungsüberwachungsaufgabenübertragung", daily_cap=10**9)
    studio.set_viewport_size({"width": width, "height": 844})
    for path in ("/settings/api-keys/", f"/settings/api-keys/{key.pk}/"):
        studio.goto(path)
        studio.wait_for_selector(".api-use svg")
        assert studio.evaluate("document.documentElement.scrollWidth") <= width, path


def test_what_is_refused_gets_the_focus_and_its_fold_stands_open(studio: Page) -> None:
    studio.goto("/settings/api-keys/")
    studio.get_by_label("Name").fill("Server")
    studio.get_by_text("Limits", exact=True).click()
    studio.get_by_label("Only from these addresses").fill("203.0.113.7/24")
    studio.get_by_role("button", name="Create key").click()

    expect(studio.get_by_label("Only from these addresses")).to_be_focused()
    expect(studio.get_by_text("did you mean 203.0.113.0/24?")).to_be_visible()
