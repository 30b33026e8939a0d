import re

import pytest
from django.test import Client

from accounts import referrals
from accounts.models import Referral, User
from tests.factories import make_user
from tests.invites import browser, follow, make_referrer
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_referrer()


def open_link(client: Client, ada: User) -> str:
    """Open the link; return where it leads."""
    return str(client.get(f"/r/{referrals.code_of(ada)}/")["Location"])


def test_a_stranger_is_led_to_sign_up_and_reads_who_invited(ada: User) -> None:
    client = browser()
    assert open_link(client, ada) == "/accounts/signup/"
    page = words(client.get("/accounts/signup/"))
    assert "A friend invited you" in page
    assert "50 credits more" in page
    assert ada.email not in page


def test_a_friend_who_has_a_name_is_called_by_it(ada: User) -> None:
    User.objects.update(display_name="Ada <L.>")
    client = follow(ada)
    assert "Ada &lt;L.&gt; invited you" in words(client.get("/accounts/signup/"))


def test_without_an_invite_nobody_is_named_and_a_code_can_be_typed() -> None:
    page = words(browser().get("/accounts/signup/"))
    assert re.search(r"you accept the <a href=\"/terms/\">.+<a href=\"/privacy/\">", page)
    assert "invited you" not in page
    assert "Have an invite code?" in page


def test_an_unknown_typed_code_is_said_with_its_field_open() -> None:
    answer = browser().post(
        "/accounts/signup/", {"email": "bob@example.com", "password1": "a long enough secret", "invite_code": "WR0NG"}
    )
    page = words(answer)
    assert "We know no invite code “WR0NG”" in page
    assert '<details class="entrance-more" open>' in page
    assert not User.objects.exists()


def test_the_first_page_takes_an_invite_and_shows_itself(ada: User) -> None:
    client = browser()
    answer = client.get("/", {"ref": referrals.code_of(ada)})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "invited you" in words(client.get("/accounts/signup/"))


@pytest.mark.parametrize("path", ["/r/NOBODY22/", "/?ref=NOBODY22", "/r/" + "A" * 3000 + "/"])
def test_a_code_that_nobody_has_is_no_error(path: str) -> None:
    answer = browser().get(path, follow=True)
    assert answer.status_code == 200
    assert "We don’t know this invite link" in words(answer)
    assert not Referral.objects.exists()


def test_the_owner_is_told_that_it_is_their_own(ada: User) -> None:
    answer = visitor(ada).get(f"/r/{referrals.code_of(ada)}/", follow=True)
    assert "This is your own link" in words(answer)
    assert not Referral.objects.exists()


def test_somebody_who_is_signed_in_is_not_new(ada: User) -> None:
    answer = visitor(make_user()).get(f"/r/{referrals.code_of(ada)}/", follow=True)
    assert "invites are for new people" in words(answer)
    assert not Referral.objects.exists()


def test_a_look_ahead_without_opening_notes_no_click(ada: User) -> None:
    assert browser().head(f"/r/{referrals.code_of(ada)}/").status_code == 302
    assert not Referral.objects.exists()


def test_the_cookies_are_out_of_scripts_reach_and_the_link_out_of_indexes(ada: User) -> None:
    answer = browser().get(f"/r/{referrals.code_of(ada)}/")
    for name in ("invite", "device"):
        assert answer.cookies[name]["httponly"]
        assert answer.cookies[name]["samesite"] == "Lax"
    assert answer.cookies["invite"]["max-age"] == 30 * 86400
    assert answer["X-Robots-Tag"] == "noindex"
