"""What an invite's rows say is due is given or taken once, however often it is looked at."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import referrals
from accounts.models import Referral, User
from billing import ledger, referral_rewards
from billing.models import CreditLot, LedgerEntry, ReferralReward
from generation import lifecycle
from tests import invites
from tests.generation.runs import claim, finished, pictures, submit
from tests.invites import BOTH, DAY, PAID, balance, befriend, fate, invite, invite_of, make_referrer, pay, sweep

pytestmark = pytest.mark.django_db

WINDOW = timedelta(days=14, minutes=1)


@pytest.fixture
def ada() -> User:
    return make_referrer()


def rewards(friend: User) -> dict[str, int]:
    found = ReferralReward.objects.filter(referral__friend=friend)
    return dict(found.values_list("side", "credits"))


# --- A first picture ----------------------------------------------------------------------------------------------


def test_a_first_picture_is_noted_at_once_and_rewarded_by_the_sweep(ada: User) -> None:
    friend = invite(ada, "bob@example.com")
    finished(friend)
    assert balance(ada) == 0
    sweep()
    assert rewards(friend) == {"referrer": BOTH, "friend": BOTH}
    lot = CreditLot.objects.get(wallet__user=ada)
    assert (lot.source, lot.credits, lot.expires_at) == ("referral", BOTH, None)
    entry = LedgerEntry.objects.get(lot=lot)
    assert entry.reason == "A friend you invited made a first picture"
    assert entry.reference == f"referral:{invite_of(friend).pk}"


def test_a_run_that_brings_no_picture_is_no_first_picture(ada: User) -> None:
    friend = invite(ada, "bob@example.com")
    submit(friend)
    job = claim().jobs[0]
    lifecycle.fail(job, job.attempt, code="x", message="It broke.")
    sweep()
    assert invite_of(friend).pictured_at is None
    assert balance(ada) == 0


def test_a_canceled_run_that_kept_a_picture_is_one(ada: User) -> None:
    friend = invite(ada, "bob@example.com")
    submit(friend, num_images=2)
    job = claim().jobs[0]
    lifecycle.deliver(job, job.attempt, pictures(job, 0))
    lifecycle.cancel(job)
    sweep()
    assert fate(friend) == ("rewarded", "")


def test_a_picture_before_the_address_is_confirmed_counts_from_then(ada: User, settings: Settings) -> None:
    invites.require_confirmation(settings)
    friend = invites.sign_up(invites.follow(ada), "bob@example.com")
    referral_rewards.picture_made(friend.pk)
    sweep()
    assert balance(ada) == 0
    referrals.confirm(friend)
    sweep()
    assert balance(ada) == BOTH


def test_pictures_of_people_nobody_invited_change_nothing() -> None:
    finished(invites.sign_up(invites.browser(), "bob@example.com"))
    sweep()
    assert not ReferralReward.objects.exists()


def test_amounts_are_settings_and_nothing_is_an_amount_too(ada: User, settings: Settings) -> None:
    settings.REFERRAL_CREDITS, settings.REFERRAL_FRIEND_CREDITS = 0, 7
    friend = befriend(ada, "bob@example.com")
    assert rewards(friend) == {"referrer": 0, "friend": 7}
    settings.REFERRAL_CREDITS = 50
    Referral.objects.update(review_at=timezone.now())
    sweep()
    assert balance(ada) == 0


# --- A first payment ----------------------------------------------------------------------------------------------


def test_the_reward_for_a_payment_waits_for_the_window_and_no_longer(ada: User) -> None:
    friend = befriend(ada, "bob@example.com")
    payment = pay(friend)
    sweep()
    assert invite_of(friend).review_at == payment.paid_at + 14 * DAY
    sweep(payment.paid_at + 14 * DAY - timedelta(seconds=1))
    assert balance(ada) == BOTH
    sweep(payment.paid_at + 14 * DAY)
    assert balance(ada) == BOTH + PAID


def test_whoever_pays_before_their_first_picture_is_rewarded_for_both_later(ada: User) -> None:
    friend = invite(ada, "bob@example.com")
    payment = pay(friend, paid_at=timezone.now() - 2 * WINDOW)
    sweep()
    assert balance(ada) == 0
    finished(friend)
    sweep()
    assert balance(ada) == BOTH + PAID
    assert payment.referral_rewards.get().side == "paid"


def test_many_payments_are_rewarded_once(ada: User) -> None:
    friend = befriend(ada, "bob@example.com")
    payments = [pay(friend, paid_at=timezone.now() - days * DAY) for days in (90, 60, 30)]
    sweep()
    sweep()
    assert balance(ada) == BOTH + PAID
    assert payments[0].referral_rewards.exists()


def test_after_a_refund_a_payment_that_stands_is_the_first(ada: User) -> None:
    friend = befriend(ada, "bob@example.com")
    pay(friend, refunded_cents=1000, paid_at=timezone.now() - 90 * DAY)
    second = pay(friend, paid_at=timezone.now() - 60 * DAY)
    sweep()
    assert second.referral_rewards.get().credits == PAID


@pytest.mark.parametrize(("cents", "reward"), [(1, 0), (499, 0), (500, PAID)])
def test_a_payment_of_a_cent_makes_nobody_a_customer(ada: User, cents: int, reward: int) -> None:
    friend = befriend(ada, "bob@example.com")
    pay(friend, cents=cents, paid_at=timezone.now() - 90 * DAY)
    sweep()
    assert balance(ada) == BOTH + reward


def test_from_which_payment_on_a_friend_is_a_customer_is_a_setting(ada: User, settings: Settings) -> None:
    settings.REFERRAL_PAID_MIN_PERCENT = 100
    assert referral_rewards.smallest_payment_cents() == 1000
    friend = befriend(ada, "bob@example.com")
    pay(friend, cents=999, paid_at=timezone.now() - 91 * DAY)
    pay(friend, cents=1000, paid_at=timezone.now() - 90 * DAY)
    sweep()
    paid = ReferralReward.objects.get(side="paid").payment
    assert paid is not None
    assert paid.amount_cents == 1000


@pytest.mark.parametrize("facts", [{"cents": 0}, {"dispute": "open", "disputed_cents": 1000}])
def test_what_brought_no_money_brings_no_reward(ada: User, facts: dict[str, Any]) -> None:
    friend = befriend(ada, "bob@example.com")
    pay(friend, paid_at=timezone.now() - 90 * DAY, **facts)
    sweep()
    assert rewards(friend) == {"referrer": BOTH, "friend": BOTH}


# --- Back again ---------------------------------------------------------------------------------------------------


def test_what_is_owed_is_taken_at_the_next_look(ada: User) -> None:
    payment = pay(befriend(ada, "bob@example.com"), paid_at=timezone.now() - 90 * DAY)
    sweep()
    wallet = ledger.wallet_of(ada)
    ledger.adjust(wallet, -(BOTH + PAID), key="spent", reason="Spent")
    invites.change(payment, refunded_cents=1000)
    sweep()
    ledger.adjust(wallet, 200, key="gift", reason="A gift")
    invites.change(payment, refunded_cents=1000)
    sweep()
    reward = payment.referral_rewards.get()
    assert (reward.taken_back, reward.owed) == (200, 300)
    assert balance(ada) == 0


def test_what_the_team_refuses_is_taken_back_from_both_and_what_is_spent_is_owed(ada: User) -> None:
    friend = befriend(ada, "bob@example.com")
    pay(friend, paid_at=timezone.now() - 90 * DAY)
    sweep()
    had = balance(friend)
    ledger.adjust(ledger.wallet_of(ada), -BOTH - 1, key="spent", reason="Spent")
    referrals.refuse(invite_of(friend), Referral.Fault.TEAM, note="Followers were bought.")
    for _ in range(2):
        sweep()
    assert (balance(ada), balance(friend)) == (0, had - BOTH)
    found = ReferralReward.objects.filter(referral=invite_of(friend)).order_by("id")
    assert [(reward.taken_back, reward.owed) for reward in found] == [(BOTH, 0), (BOTH, 0), (PAID - BOTH - 1, BOTH + 1)]
    lines = LedgerEntry.objects.filter(kind="adjust", reference=f"referral:{invite_of(friend).pk}")
    assert set(lines.values_list("reason", flat=True)) == {
        "Taken back: our team refused the invite. Followers were bought."
    }


def test_what_is_owed_is_taken_by_the_sweep_when_credits_come(ada: User) -> None:
    payment = pay(befriend(ada, "bob@example.com"), paid_at=timezone.now() - 90 * DAY)
    sweep()
    wallet = ledger.wallet_of(ada)
    ledger.adjust(wallet, -(BOTH + PAID), key="spent", reason="Spent")
    invites.change(payment, refunded_cents=1000)
    sweep()
    assert payment.referral_rewards.get().owed == PAID
    ledger.adjust(wallet, 200, key="gift", reason="A gift")
    sweep()
    sweep()
    assert (payment.referral_rewards.get().owed, balance(ada)) == (300, 0)
    ledger.adjust(wallet, 400, key="gift 2", reason="A gift")
    sweep()
    assert (payment.referral_rewards.get().owed, balance(ada)) == (0, 100)


def test_a_dispute_won_forgives_what_was_owed_and_returns_what_was_taken(ada: User) -> None:
    payment = pay(befriend(ada, "bob@example.com"), paid_at=timezone.now() - 90 * DAY)
    sweep()
    ledger.adjust(ledger.wallet_of(ada), -450, key="spent", reason="Spent")
    invites.change(payment, dispute="open", disputed_cents=1000)
    sweep()
    assert balance(ada) == 0
    invites.change(payment, dispute="won")
    sweep()
    reward = payment.referral_rewards.get()
    assert (reward.taken_back, reward.owed) == (0, 0)
    assert balance(ada) == 100


def test_the_referrers_payment_with_the_friends_card_is_seen_too(ada: User) -> None:
    friend = befriend(ada, "bob@example.com")
    pay(friend, card="one_card")
    sweep()
    pay(ada, card="one_card")
    sweep()
    assert fate(friend) == ("refused", "card")
    assert balance(ada) == 0


def test_a_card_of_somebody_further_up_the_chain_is_seen(ada: User) -> None:
    bob = befriend(ada, "bob@example.com")
    eve = befriend(bob, "eve@example.com")
    pay(ada, card="one_card")
    pay(eve, card="one_card")
    sweep()
    assert fate(eve) == ("refused", "card")
    assert fate(bob) == ("rewarded", "")


def test_payments_without_a_known_card_share_none(ada: User) -> None:
    friends = [befriend(ada, f"friend{number}@example.com") for number in range(2)]
    for friend in friends:
        payment = pay(friend)
        invites.change(payment, card_fingerprint="")
    sweep()
    assert [fate(friend) for friend in friends] == [("rewarded", "")] * 2


# --- The sweep ----------------------------------------------------------------------------------------------------


def test_one_invite_that_cannot_be_reviewed_does_not_stop_the_others(
    ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    friends = [invite(ada, f"friend{number}@example.com") for number in range(2)]
    for friend in friends:
        finished(friend)
    broken = invite_of(friends[0])
    # Its credits came, but the row that says so was lost: the key refuses to be used for another amount.
    ledger.grant(
        ledger.wallet_of(ada), 9, source=CreditLot.Source.REFERRAL, key=f"referral:{broken.pk.hex}:referrer", reason="x"
    )
    sweep()
    assert [fate(friend)[0] for friend in friends] == ["confirmed", "rewarded"]
    assert "invite not reviewed" in caplog.text
    broken.refresh_from_db()
    assert broken.review_at is not None
    assert broken.review_at > timezone.now() + timedelta(minutes=50)
    assert not ReferralReward.objects.filter(referral=broken).exists()


def test_a_side_is_rewarded_once_by_law_of_the_database(ada: User) -> None:
    reward = ReferralReward.objects.filter(referral=invite_of(befriend(ada, "bob@example.com"))).first()
    assert reward is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        ReferralReward.objects.create(
            referral=reward.referral, side=reward.side, wallet=reward.wallet, credits=reward.credits
        )


def test_a_picture_costs_its_run_one_statement_and_the_first_of_an_invite_another(ada: User) -> None:
    friend = invite(ada, "bob@example.com")
    costs = []
    for person in (friend, friend, ada):
        with CaptureQueriesContext(connection) as queries:
            referral_rewards.picture_made(person.pk)
        costs.append(len(queries))
    assert costs == [2, 1, 1]
