import pytest
from django.db import IntegrityError, transaction

from accounts.models import Referral
from billing.models import ReferralReward
from tests.factories import make_user, make_wallet

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "facts",
    [
        {"side": "friend", "credits": 50, "taken_back": 30, "owed": 21},
        {"side": "paid", "credits": 500},
    ],
)
def test_the_database_refuses_what_cannot_be(facts: dict[str, object]) -> None:
    wallet = make_wallet()
    referral = Referral.objects.create(referrer=wallet.user, friend=make_user(), state="joined")
    with pytest.raises(IntegrityError), transaction.atomic():
        ReferralReward.objects.create(referral=referral, wallet=wallet, **facts)


def test_what_is_owed_is_still_had() -> None:
    assert ReferralReward(credits=50, taken_back=20, owed=30).kept == 30
