"""The audit of invites: what the verbs leave passes, and each broken fact is named."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Referral, User
from billing import ledger
from billing.audit import audit
from billing.models import CreditLot, ReferralReward
from tests import invites
from tests.factories import make_wallet
from tests.invites import befriend, make_referrer, pay, sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    """Return somebody who was rewarded for a friend and for what they paid, half of which went back."""
    ada = make_referrer()
    payment = pay(befriend(ada, "bob@example.com"), paid_at=timezone.now() - timedelta(days=60))
    sweep()
    invites.change(payment, refunded_cents=500)
    sweep()
    return ada


def facts() -> list[str]:
    return [finding.fact for finding in audit()]


def test_what_the_verbs_leave_is_right(ada: User) -> None:
    assert facts() == []
    assert ReferralReward.objects.count() == 3


def test_a_reward_that_the_ledger_does_not_know_is_found(ada: User) -> None:
    ReferralReward.objects.filter(side="paid").update(taken_back=0)
    assert [fact.endswith("left 550 credits here, but the entries make 300") for fact in facts()] == [True]


def test_credits_that_no_reward_knows_are_found(ada: User) -> None:
    source = CreditLot.Source.REFERRAL
    ledger.grant(ledger.wallet_of(ada), 9, source=source, key="x", reason="x", reference="referral:none")
    assert facts() == ["referral:none left 0 credits here, but the entries make 9"]


def test_a_reward_in_somebody_elses_wallet_is_found(ada: User) -> None:
    ReferralReward.objects.filter(side="friend").update(wallet=make_wallet(), credits=1)
    assert any("somebody else's" in fact for fact in facts())


def test_a_reward_without_a_rewarded_invite_is_found(ada: User) -> None:
    Referral.objects.update(rewarded_at=None)
    assert [fact.endswith("never rewarded") for fact in facts()] == [True] * 3
