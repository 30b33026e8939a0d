"""Those who come by another site's word: whose address is known, which addresses are taken over, what is logged."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.test import RequestFactory

from accounts.models import User
from accounts.voucher_adapter import VoucherAdapter
from tests.factories import make_user

pytestmark = pytest.mark.django_db

GOOGLE = SimpleNamespace(id="google", name="Google")


def login_of(*addresses: tuple[str, bool], process: str = "login") -> Any:
    """Return a log-in from elsewhere with these addresses, the main one first, and whether each is proved."""
    rows = [EmailAddress(email=email, verified=verified) for email, verified in addresses]
    account = SocialAccount(provider="google", uid="7")
    login = SocialLogin(user=User(email=addresses[0][0]), account=account, email_addresses=rows, provider=GOOGLE)
    login.state = {"process": process}
    return login


def answer_to(login: Any) -> str:
    """Return the page that answers it at once; empty where it goes on."""
    request = RequestFactory().get("/")
    request.user = User()
    try:
        VoucherAdapter(request).pre_social_login(request, login)
    except ImmediateHttpResponse as found:
        return str(found.response.content.decode())
    return ""


@pytest.mark.parametrize("others", [(), (("work@example.com", True),)])
def test_a_proved_address_that_is_somebodys_is_led_to_the_log_in(others: tuple[tuple[str, bool], ...]) -> None:
    make_user(email="ada@example.com")
    login = login_of(*others, ("Ada@example.com", True))

    page = answer_to(login)

    assert "ada@example.com has an account" in page
    assert "/accounts/login/?next=/accounts/3rdparty/" in page


def test_an_address_that_nobody_has_proved_says_nothing_of_who_is_here() -> None:
    make_user(email="ada@example.com")

    assert answer_to(login_of(("ada@example.com", False))) == ""


def test_an_address_that_somebody_else_only_asked_for_is_not_theirs() -> None:
    EmailAddress.objects.create(user=make_user(email="eve@example.com"), email="ada@example.com", verified=False)

    assert answer_to(login_of(("ada@example.com", True))) == ""


def test_who_connects_is_not_asked_whose_the_address_is() -> None:
    make_user(email="ada@example.com")

    assert answer_to(login_of(("ada@example.com", True), process="connect")) == ""


def test_of_several_addresses_a_new_account_takes_the_main_one_alone() -> None:
    login = login_of(("bob@example.com", True), ("work@example.com", True), ("ada@example.com", False))

    assert answer_to(login) == ""

    assert [row.email for row in login.email_addresses] == ["bob@example.com"]


@pytest.mark.parametrize(
    ("query", "exception", "error"),
    [
        ("", OAuth2Error("""Error retrieving access token: b'{"error": "invalid_client"}'"""), "invalid_client"),
        ("", OAuth2Error("Error retrieving access token: b'error=bad_verification_code'"), "bad_verification_code"),
        ("?error=temporarily_unavailable", None, "temporarily_unavailable"),
        ("?error=%0Aforged+line", None, "forged"),
        ("", OAuth2Error("Request to user info failed"), "OAuth2Error"),
        ("?code=x&state=made-up", None, "state"),
    ],
)
def test_what_another_site_had_against_it_is_logged_by_its_code(
    caplog: pytest.LogCaptureFixture, query: str, exception: Exception | None, error: str
) -> None:
    request = RequestFactory().get(f"/{query}")

    with caplog.at_level(logging.WARNING, "accounts.voucher_adapter"):
        VoucherAdapter(request).on_authentication_error(request, GOOGLE, error="unknown", exception=exception)

    (line,) = caplog.records
    assert vars(line)["site"] == "google"
    assert vars(line)["error"] == error
