"""Stories of people who want credits for nothing: none of them gains one, and the books are right each time."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Referral, User
from billing import ledger
from billing.models import Payment
from tests import invites
from tests.factories import make_user
from tests.generation.runs import finished
from tests.invites import BOTH, DAY, FREE, PAID, balance, befriend, browser, fate, follow, invite, pay, sign_up, sweep

pytestmark = pytest.mark.django_db

# One picture of the starter model, the one that each friend makes.
PICTURE = 1
WINDOW = timedelta(days=14, minutes=1)


@pytest.fixture(autouse=True)
def _confirmed(settings: Settings) -> None:
    invites.require_confirmation(settings)


@pytest.fixture
def ada() -> User:
    """Return somebody with a link and no credits."""
    return invites.make_referrer("ada@gmail.com")


def test_an_honest_friend_brings_both_their_credits_and_a_payment_more(ada: User) -> None:
    friend = befriend(ada, "bob@example.com")
    assert (balance(ada), balance(friend)) == (BOTH, FREE - PICTURE + BOTH)
    payment = pay(friend)
    sweep()
    assert balance(ada) == BOTH
    sweep(payment.paid_at + WINDOW)
    sweep(payment.paid_at + 2 * WINDOW)
    assert (balance(ada), balance(friend)) == (BOTH + PAID, FREE - PICTURE + BOTH)


# --- Oneself ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", ["ada+2@gmail.com", "a.d.a@gmail.com", "A.Da+x@googlemail.com"])
def test_a_second_account_with_the_same_mailbox_brings_nothing(ada: User, again: str) -> None:
    second = befriend(ada, again.lower())
    assert fate(second) == ("refused", "self")
    assert (balance(ada), balance(second)) == (0, FREE - PICTURE)


def test_somebody_who_has_an_account_gains_nothing_by_a_friend_of_theirs(ada: User) -> None:
    make_user(email="bob@example.com")
    again = befriend(ada, "bob+new@example.com")
    assert fate(again) == ("refused", "existing")
    assert (balance(ada), balance(again)) == (0, FREE - PICTURE)


def test_whoever_follows_a_link_and_logs_in_to_an_old_account_is_no_new_friend(ada: User) -> None:
    for user, fault in ((ada, "self"), (make_user(email="bob@example.com"), "existing")):
        user.set_password(invites.PASSWORD)
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        client = follow(ada)
        client.post("/accounts/login/", {"login": user.email, "password": invites.PASSWORD})
        finished_with_gift(user)
        sweep()
        assert Referral.objects.latest("clicked_at").fault == fault
    assert not Referral.objects.exclude(state="refused").exists()
    assert balance(ada) == 5 - PICTURE


def test_a_ring_of_ten_ends_where_it_began(ada: User) -> None:
    ring = [ada]
    for number in range(9):
        ring.append(befriend(ring[-1], f"friend{number}@example.com"))
    last = befriend(ring[-1], "ada+again@gmail.com")
    assert fate(last) == ("refused", "ring")
    # Nine honest steps: each brought its two sides 50, and the tenth nobody.
    assert balance(ada) == BOTH
    assert [balance(user) for user in ring[1:]] == [FREE - PICTURE + 2 * BOTH] * 8 + [FREE - PICTURE + BOTH]
    assert balance(last) == FREE - PICTURE


def test_ten_accounts_in_one_browser_that_invite_one_another_stop_at_the_bound(ada: User, settings: Settings) -> None:
    client = browser()
    person = ada
    for number in range(10):
        friend = befriend(person, f"friend{number}@example.com", client)
        client.post("/accounts/logout/")
        person = friend
    states = list(Referral.objects.order_by("id").values_list("state", "fault"))
    assert states == [("rewarded", "")] * settings.REFERRAL_SAME_PLACE_MAX + [("refused", "place")] * 7


def test_an_account_made_in_the_browser_that_the_link_was_taken_from_brings_nothing(ada: User) -> None:
    client = browser()
    client.force_login(ada)
    client.get("/settings/referrals/")
    client.post("/accounts/logout/")
    friend = befriend(ada, "bob@example.com", client)
    assert fate(friend) == ("refused", "place")
    assert (balance(ada), balance(friend)) == (0, FREE - PICTURE)


@pytest.mark.parametrize("address", ["bob@mailinator.com", "bob@below.mailinator.com"])
def test_a_disposable_address_brings_nothing(ada: User, address: str) -> None:
    friend = befriend(ada, address)
    assert fate(friend) == ("refused", "disposable")
    assert (balance(ada), balance(friend)) == (0, FREE - PICTURE)


def test_an_address_that_is_swapped_for_a_disposable_one_is_seen_at_the_reward(ada: User) -> None:
    friend = invite(ada, "bob@example.com")
    User.objects.filter(pk=friend.pk).update(email="bob@mailinator.com")
    finished(friend)
    sweep()
    assert fate(friend) == ("refused", "disposable")
    assert balance(ada) == 0


@pytest.mark.parametrize("same", ["network", "device"])
def test_one_place_brings_no_more_than_the_bound(ada: User, same: str, settings: Settings) -> None:
    shared = browser()
    for number in range(5):
        client = shared if same == "device" else browser("93.184.216.34")
        if same == "device":
            client.defaults["REMOTE_ADDR"] = f"93.184.{number}.7"
        befriend(ada, f"friend{number}@example.com", client)
        client.post("/accounts/logout/")
    assert balance(ada) == settings.REFERRAL_SAME_PLACE_MAX * BOTH
    assert list(Referral.objects.order_by("id").values_list("fault", flat=True)) == ["", "", "", "place", "place"]


# --- Half done ----------------------------------------------------------------------------------------------------


def test_a_friend_who_never_confirms_brings_nothing(ada: User) -> None:
    friend = sign_up(follow(ada), "bob@example.com")
    finished_with_gift(friend)
    sweep()
    assert fate(friend) == ("joined", "")
    assert (balance(ada), balance(friend)) == (0, 5 - PICTURE)


def test_a_friend_who_confirms_and_makes_nothing_brings_nothing(ada: User) -> None:
    friend = invite(ada, "bob@example.com")
    sweep()
    assert fate(friend) == ("confirmed", "")
    assert (balance(ada), balance(friend)) == (0, FREE)


def test_many_pictures_and_many_sweeps_reward_once(ada: User) -> None:
    friend = befriend(ada, "bob@example.com")
    for _ in range(3):
        finished(friend)
        sweep()
        sweep()
    assert (balance(ada), balance(friend)) == (BOTH, FREE - 4 * PICTURE + BOTH)


# --- Codes and cookies --------------------------------------------------------------------------------------------


def test_a_code_after_sign_up_is_too_late(ada: User) -> None:
    client = browser()
    bob = sign_up(client, "bob@example.com")
    invites.confirm(client)
    follow(ada, client)
    client.post("/accounts/signup/", {"email": bob.email, "password1": invites.PASSWORD, "invite_code": ada_code(ada)})
    finished(bob)
    sweep()
    assert not Referral.objects.exists()
    assert (balance(ada), balance(bob)) == (0, FREE - PICTURE)


def test_a_forged_cookie_is_no_invite(ada: User) -> None:
    client = browser()
    client.cookies["invite"] = f"{ada_code(ada)}::1u2Xyz:forged"
    friend = sign_up(client, "bob@example.com")
    invites.confirm(client)
    finished(friend)
    sweep()
    assert not Referral.objects.exists()
    assert balance(ada) == 0


def test_a_cookie_that_is_copied_into_many_browsers_is_no_more_than_the_link(ada: User) -> None:
    first = follow(ada)
    friends = []
    for number in range(6):
        client = browser()
        client.cookies.load(first.cookies.output(header="", sep=";"))  # with the device's name
        friends.append(sign_up(client, f"friend{number}@example.com"))
        invites.confirm(client)
        finished(friends[-1])
    sweep()
    assert [fate(friend)[1] for friend in friends] == [""] * 3 + ["place"] * 3
    assert balance(ada) == 3 * BOTH


def test_a_cookie_older_than_thirty_days_is_no_invite(ada: User) -> None:
    with time_machine.travel(timezone.now() - 31 * DAY, tick=False):
        client = follow(ada)
    sign_up(client, "bob@example.com")
    assert not Referral.objects.filter(friend__isnull=False).exists()


def test_past_the_cap_the_friend_alone_is_rewarded(ada: User, settings: Settings) -> None:
    settings.REFERRAL_FRIENDS_MAX = 2
    friends = [befriend(ada, f"friend{number}@example.com") for number in range(3)]
    payment = pay(friends[2])
    sweep(payment.paid_at + WINDOW)
    assert fate(friends[2]) == ("rewarded", "cap")
    assert balance(ada) == 2 * BOTH
    assert [balance(friend) for friend in friends] == [FREE - PICTURE + BOTH] * 3


# --- Money that goes back -----------------------------------------------------------------------------------------


def rewarded_for_payment(ada: User) -> Payment:
    payment = pay(befriend(ada, "bob@example.com"))
    sweep(payment.paid_at + WINDOW)
    assert balance(ada) == BOTH + PAID
    return payment


def test_a_refund_takes_the_reward_back(ada: User) -> None:
    payment = rewarded_for_payment(ada)
    for _ in range(2):
        invites.change(payment, refunded_cents=1000)
        sweep()
        assert balance(ada) == BOTH


def test_a_refund_in_part_takes_its_share(ada: User) -> None:
    payment = rewarded_for_payment(ada)
    invites.change(payment, refunded_cents=300)
    sweep()
    assert balance(ada) == BOTH + PAID - 150


def test_a_refund_within_the_window_brings_no_reward(ada: User) -> None:
    payment = pay(befriend(ada, "bob@example.com"))
    invites.change(payment, refunded_cents=1000)
    sweep(payment.paid_at + WINDOW)
    assert balance(ada) == BOTH


def test_what_was_spent_before_the_refund_is_owed_and_the_wallet_never_below_zero(ada: User) -> None:
    payment = rewarded_for_payment(ada)
    ledger.adjust(ledger.wallet_of(ada), -540, key="spent", reason="Spent")
    invites.change(payment, refunded_cents=1000)
    sweep()
    assert balance(ada) == 0
    reward = payment.referral_rewards.get()
    assert (reward.taken_back, reward.owed) == (10, 490)


def test_a_dispute_takes_the_reward_and_one_that_is_won_brings_it_again(ada: User) -> None:
    payment = rewarded_for_payment(ada)
    for dispute, left in (("open", BOTH), ("won", BOTH + PAID), ("open", BOTH), ("lost", BOTH)):
        invites.change(payment, dispute=dispute, disputed_cents=1000)
        sweep()
        assert balance(ada) == left


def test_the_card_of_the_referrer_brings_nothing_and_takes_all_back(ada: User) -> None:
    pay(ada, card="card_of_ada")
    friend = befriend(ada, "bob@example.com")
    assert balance(ada) == BOTH
    payment = pay(friend, card="card_of_ada")
    sweep(payment.paid_at + WINDOW)
    assert fate(friend) == ("refused", "card")
    assert (balance(ada), balance(friend)) == (0, FREE - PICTURE)


def test_one_card_for_many_friends_brings_the_reward_of_one(ada: User) -> None:
    friends = [befriend(ada, f"friend{number}@example.com") for number in range(3)]
    payments = [pay(friend, card="one_card") for friend in friends]
    for _ in range(2):
        sweep(payments[-1].paid_at + WINDOW)
    assert sorted(fate(friend)[1] for friend in friends) == ["", "card", "card"]
    assert balance(ada) == BOTH + PAID


# --- private ------------------------------------------------------------------------------------------------------


def finished_with_gift(user: User) -> None:
    """Make a picture with credits that came from elsewhere."""
    ledger.adjust(ledger.wallet_of(user), 5, key=f"gift:{user.pk}", reason="A gift")
    finished(user)


def ada_code(ada: User) -> str:
    assert ada.referral_code
    return ada.referral_code
