"""Rewards wanted by many at once: each side once, the cap exactly, and nobody waits for somebody who waits for them."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Referral, User
from billing import ledger, referral_rewards
from billing.models import LedgerEntry, ReferralReward
from tests import invites
from tests.factories import make_user
from tests.invites import BOTH, balance, browser, follow, invite_of, make_referrer, pay

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


def at_once(deeds: Iterable[Callable[[], Any]]) -> list[Any]:
    """Do all of these in threads that begin together; the first failure is raised."""
    deeds = list(deeds)
    start = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(run, deeds))


def joined(referrer: User, number: int) -> Referral:
    """Return the invite of a friend whose reward is due."""
    friend = make_user(email=f"friend{number}@example.com")
    now = timezone.now()
    dates = {"joined_at": now, "confirmed_at": now, "pictured_at": now, "review_at": now}
    return Referral.objects.create(referrer=referrer, friend=friend, state="confirmed", **dates)


def test_eight_sweeps_at_once_reward_each_side_once() -> None:
    ada = make_referrer()
    for number in range(5):
        referral = joined(ada, number)
        at_once([lambda: referral_rewards.sweep(timezone.now())] * THREADS)
        referral_rewards.sweep(timezone.now())
        referral.refresh_from_db()
        assert referral.state == "rewarded"
        assert balance(referral.friend) == BOTH  # type: ignore[arg-type]
    assert balance(ada) == 5 * BOTH
    assert ReferralReward.objects.count() == LedgerEntry.objects.count() == 10


def test_friends_at_once_cannot_both_be_the_last_under_the_cap(settings: Settings) -> None:
    settings.REFERRAL_FRIENDS_MAX = 3
    ada = make_referrer()
    referrals = [joined(ada, number) for number in range(THREADS)]
    at_once([lambda pk=each.pk: referral_rewards.review(pk, timezone.now()) for each in referrals])  # type: ignore[misc]
    assert balance(ada) == 3 * BOTH
    assert Referral.objects.filter(fault="cap").count() == THREADS - 3
    assert ReferralReward.objects.filter(side="friend").count() == THREADS


def test_pictures_payments_and_sweeps_at_once_wait_for_nobody_in_a_circle() -> None:
    """Each person is friend of one and referrer of the next, so that every wallet is wanted from both sides."""
    people = [make_referrer(f"person{number}@example.com") for number in range(THREADS)]
    for referrer, friend in pairwise(people):
        now = timezone.now()
        Referral.objects.create(referrer=referrer, friend=friend, state="confirmed", confirmed_at=now, joined_at=now)

    def finish(user: User) -> None:
        for number in range(10):
            with transaction.atomic():
                ledger.adjust(ledger.wallet_of(user), 1, key=f"{user.pk.hex}:{number}", reason="Behind the lock")
                referral_rewards.picture_made(user.pk)
                Referral.objects.filter(friend=user).update(review_at=timezone.now())

    def buy(user: User) -> None:
        for _ in range(3):
            pay(user)
            referral_rewards.sweep(timezone.now())

    at_once([lambda user=user: finish(user) for user in people] + [lambda user=user: buy(user) for user in people])
    referral_rewards.sweep(timezone.now())
    assert not Referral.objects.exclude(state="rewarded").exists()
    assert [balance(user) for user in people] == [10 + BOTH] + [10 + 2 * BOTH] * (THREADS - 2) + [10 + BOTH]


def test_two_who_invited_one_another_are_reviewed_at_once_and_refused() -> None:
    """Rows like these come from no sign-up, only from a hand; even so nobody waits for ever."""
    people = [make_user(), make_user()]
    for _ in range(20):
        Referral.objects.all().delete()
        now = timezone.now()
        dates = {"joined_at": now, "confirmed_at": now, "pictured_at": now}
        rows = [
            Referral.objects.create(referrer=referrer, friend=friend, state="confirmed", **dates)
            for referrer, friend in (people, people[::-1])
        ]
        at_once([lambda pk=row.pk: referral_rewards.review(pk, timezone.now()) for row in rows * 3])  # type: ignore[misc]
    assert set(Referral.objects.values_list("fault", flat=True)) == {"ring"}
    assert [balance(user) for user in people] == [0, 0]


def test_two_who_sign_up_with_one_click_are_two_friends() -> None:
    ada = make_referrer()
    cookies = follow(ada).cookies
    clients = [browser() for _ in range(2)]
    for client in clients:
        client.cookies["invite"] = cookies["invite"].value
    friends = at_once(
        lambda client=client, number=number: invites.sign_up(client, f"friend{number}@example.com")  # type: ignore[misc]
        for number, client in enumerate(clients)
    )
    assert {invite_of(friend).referrer for friend in friends} == {ada}
    assert Referral.objects.count() == 2
