from datetime import timedelta
from itertools import pairwise

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from pytest_django import Settings

from accounts import closing, referral_faults
from accounts.models import Referral, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def join(referrer: User, friend: User, **facts: object) -> Referral:
    return Referral.objects.create(
        **{"referrer": referrer, "friend": friend, "state": "joined", "joined_at": timezone.now(), **facts}
    )


def test_a_stranger_has_no_fault() -> None:
    assert referral_faults.find(join(make_user(), make_user())) is None


def test_any_address_of_the_referrer_is_the_referrer() -> None:
    ada = make_user(email="ada@example.com")
    EmailAddress.objects.create(user=ada, email="lovelace@example.org")
    assert referral_faults.find(join(ada, make_user(email="lovelace+2@example.org"))) == "self"


def test_the_chain_leads_to_who_began() -> None:
    people = [make_user() for _ in range(4)]
    for referrer, friend in pairwise(people):
        join(referrer, friend)
    assert list(referral_faults.chain(people[3])) == people[2::-1]


def test_a_ring_in_the_rows_is_walked_round_once_and_refused() -> None:
    people = [make_user() for _ in range(3)]
    rows = [join(referrer, friend) for referrer, friend in zip(people, [*people[1:], people[0]], strict=True)]
    assert list(referral_faults.chain(people[0])) == [people[2], people[1], people[0]]
    assert {referral_faults.find(row) for row in rows} == {"ring"}


def test_the_older_of_two_accounts_of_one_mailbox_is_not_the_one_refused() -> None:
    older = make_user(email="bob@example.com", date_joined=timezone.now() - timedelta(days=2))
    younger = make_user(email="bob+2@example.com")
    assert referral_faults.find(join(make_user(), older)) is None
    assert referral_faults.find(join(make_user(), younger)) == "existing"


@pytest.mark.parametrize("place", [{"network": "n"}, {"device": "d"}, {"network": "n", "device": "d"}])
def test_friends_of_anybody_from_one_place_count_in_the_order_they_came(
    place: dict[str, str], settings: Settings
) -> None:
    settings.REFERRAL_SAME_PLACE_MAX = 2
    rows = [join(make_user(), make_user(), **place) for _ in range(4)]
    assert [referral_faults.find(row) for row in rows] == [None, None, "place", "place"]


def test_a_friend_who_was_refused_takes_nobodys_place(settings: Settings) -> None:
    settings.REFERRAL_SAME_PLACE_MAX = 1
    join(make_user(), make_user(), network="n", state="refused", fault="disposable")
    assert referral_faults.find(join(make_user(), make_user(), network="n")) is None


def test_a_network_is_handed_on_and_a_browser_is_not(settings: Settings) -> None:
    settings.REFERRAL_SAME_PLACE_MAX = 1
    long_ago = timezone.now() - timedelta(days=91)
    join(make_user(), make_user(), network="n", device="d", joined_at=long_ago)
    assert referral_faults.find(join(make_user(), make_user(), network="n")) is None
    assert referral_faults.find(join(make_user(), make_user(), device="d")) == "place"


def test_places_that_are_not_known_are_not_one_place(settings: Settings) -> None:
    settings.REFERRAL_SAME_PLACE_MAX = 1
    rows = [join(make_user(), make_user()) for _ in range(3)]
    assert [referral_faults.find(row) for row in rows] == [None, None, None]


def test_who_erased_an_account_and_comes_again_is_no_new_person() -> None:
    bob = make_user(email="bob@example.com")
    EmailAddress.objects.create(user=bob, email=bob.email, primary=True, verified=True)
    closing.make_nobodys(bob, bob.email)
    assert referral_faults.find(join(make_user(), make_user(email="bob+2@example.com"))) == "existing"


def test_whether_a_mailbox_had_an_account_is_told_to_nobody_who_does_not_hold_it(settings: Settings) -> None:
    settings.EMAIL_VERIFICATION_REQUIRED = True
    bob = make_user(email="bob@example.com")
    EmailAddress.objects.create(user=bob, email=bob.email, primary=True, verified=True)
    closing.make_nobodys(bob, bob.email)
    make_user(email="carol@example.com")
    typed = [make_user(email=f"{name}+2@example.com") for name in ("bob", "carol")]
    rows = [join(make_user(), friend) for friend in typed]
    assert [referral_faults.find(row) for row in rows] == [None, None]

    for friend in typed:
        EmailAddress.objects.create(user=friend, email=friend.email, primary=True, verified=True)
    assert [referral_faults.find(row) for row in rows] == ["existing", "existing"]
