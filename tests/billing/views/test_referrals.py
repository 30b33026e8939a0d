import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import referrals
from tests.factories import make_user
from tests.invites import befriend, make_referrer
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/referrals/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_the_owner_sees_link_code_terms_and_an_empty_list() -> None:
    user = make_user()
    page = words(visitor(user).get(PAGE))
    user.refresh_from_db()
    assert f"/r/{user.referral_code}/" in page
    assert "+500" in page
    assert "Nobody yet" in page


def test_the_owner_sees_friends_masked_and_strangers_do_not_see_them() -> None:
    ada = make_referrer()
    befriend(ada, "bob@example.com")
    page = words(visitor(ada).get(PAGE))
    assert "b…@example.com" in page
    assert "bob@example.com" not in page
    assert "+50" in page
    assert "…@example.com" not in words(visitor(make_user()).get(PAGE)).replace("you@", "")


def test_many_invites_cost_no_more_statements_than_one() -> None:
    counts = []
    ada = make_referrer()
    referrals.code_of(ada)
    for number in range(3):
        befriend(ada, f"friend{number}@example.com")
        with CaptureQueriesContext(connection) as queries:
            visitor(ada).get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[2]


@pytest.mark.parametrize(
    ("brought", "told"),
    [
        ((50, 50, 0), "you both get credits."),
        ((50, 0, 0), "made a first picture, you get credits."),
        ((0, 50, 0), "made a first picture, they get credits."),
        ((0, 0, 500), "become a customer, you get credits."),
        ((0, 0, 0), "It brings no credits here."),
    ],
)
def test_who_gets_credits_is_what_the_settings_say(
    brought: tuple[int, int, int], told: str, settings: LazySettings
) -> None:
    settings.REFERRAL_CREDITS, settings.REFERRAL_FRIEND_CREDITS, settings.REFERRAL_PAID_CREDITS = brought

    page = words(visitor(make_user()).get(PAGE))

    assert told in page
    assert ("What it brings" in page) is any(brought)
