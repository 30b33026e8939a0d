"""Operators see what each invite brought, find what is owed, and write nothing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from billing import ledger
from billing.models import ReferralReward
from tests import invites
from tests.invites import befriend, make_referrer, pay, sweep
from tests.visitors import words

pytestmark = pytest.mark.django_db

LIST = "/admin/billing/referralreward/"


@pytest.fixture(autouse=True)
def _owing() -> None:
    """Let somebody owe a part of what a friend's payment brought."""
    ada = make_referrer()
    payment = pay(befriend(ada, "bob@example.com"), paid_at=timezone.now() - timedelta(days=60))
    sweep()
    ledger.adjust(ledger.wallet_of(ada), -540, key="spent", reason="Spent")
    invites.change(payment, refunded_cents=1000)
    sweep()


@pytest.mark.parametrize(("fate", "count"), [("back", 1), ("owed", 1), ("kept", 2), ("", 3)])
def test_rewards_are_found_by_what_became_of_them(operator: Client, fate: str, count: int) -> None:
    page = words(operator.get(LIST, {"fate": fate} if fate else {}))
    assert f"{count} referral reward" in page


def test_a_reward_leads_to_its_invite_and_lines_and_is_not_written(operator: Client) -> None:
    reward = ReferralReward.objects.get(side="paid")
    page = words(operator.get(LIST, {"q": "ada@example.com"}))
    assert f"/admin/accounts/referral/{reward.referral_id}/change/" in page
    lines = words(operator.get("/admin/billing/ledgerentry/", {"q": reward.reference}))
    assert "payment went back" in lines
    change = f"{LIST}{reward.pk}/change/"
    assert operator.get(change).status_code == 200
    assert operator.post(change, {}).status_code == 403
