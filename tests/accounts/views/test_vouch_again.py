"""The page that asks who it is; the way out and back is tried in `tests/browser/test_other_accounts.py`."""

import pytest

from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PATH = "/settings/again/"


def test_the_page_asks_and_can_be_left() -> None:
    page = words(visitor(make_user()).get(PATH, {"next": "https://evil.example/"}))

    assert "Is it you?" in page
    assert 'href="/accounts/2fa/"' in page
    assert "evil.example" not in page


def test_nobody_is_asked_who_is_not_signed_in() -> None:
    assert_sent_to_login(visitor().get(PATH), PATH)
