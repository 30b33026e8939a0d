import re

import pytest

from accounts import api_keys
from accounts.errors import KeyRefused
from accounts.models import ApiKey
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> tuple[ApiKey, str]:
    return api_keys.create(make_user(), "Laptop")


def page(key: ApiKey) -> str:
    return f"/settings/api-keys/{key.pk}/rotate/"


def test_anonymous_people_log_in_first(made: tuple[ApiKey, str]) -> None:
    assert_sent_to_login(visitor().post(page(made[0])), "/create/")


def test_a_stranger_rotates_nothing(made: tuple[ApiKey, str]) -> None:
    assert visitor(make_user()).post(page(made[0]), {"hours": "0"}).status_code == 404
    api_keys.verify(made[1], "127.0.0.1")


def test_looking_rotates_nothing(made: tuple[ApiKey, str]) -> None:
    assert visitor(made[0].user).get(page(made[0])).status_code == 405


@pytest.mark.parametrize(("hours", "works_on"), [("0", False), ("24", True)])
def test_the_new_text_is_shown_once_and_the_old_ends_as_chosen(
    made: tuple[ApiKey, str], hours: str, works_on: bool
) -> None:
    key, old = made
    answer = visitor(key.user).post(page(key), {"hours": hours})

    found = re.search(r'id="key-text" value="(gi_live_\w{40})"', words(answer))
    assert found is not None
    assert answer["Cache-Control"] == "no-store"
    assert api_keys.verify(found[1], "127.0.0.1") == key
    assert ("The old key works until" in words(answer)) is works_on
    if works_on:
        api_keys.verify(old, "127.0.0.1")
    else:
        with pytest.raises(KeyRefused):
            api_keys.verify(old, "127.0.0.1")


def test_an_overlap_that_is_not_offered_is_refused(made: tuple[ApiKey, str]) -> None:
    answer = visitor(made[0].user).post(page(made[0]), {"hours": "100000"}, follow=True)
    assert "Choose when the old key ends." in words(answer)
    api_keys.verify(made[1], "127.0.0.1")
