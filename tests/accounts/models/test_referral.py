import pytest
from django.db import IntegrityError, transaction

from accounts.models import Referral
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "facts",
    [
        {"state": "joined"},
        {"state": "rewarded"},
        {"state": "clicked", "friend": "somebody"},
        {"state": "refused"},
        {"state": "joined", "friend": "oneself"},
    ],
)
def test_the_database_refuses_what_cannot_be(facts: dict[str, str]) -> None:
    ada = make_user()
    people = {"somebody": make_user(), "oneself": ada}
    row = {**facts, "friend": people.get(facts.get("friend", ""))}
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.create(referrer=ada, **row)


def test_a_friend_came_by_one_invite() -> None:
    friend = make_user()
    Referral.objects.create(referrer=make_user(), friend=friend, state="joined")
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.create(referrer=make_user(), friend=friend, state="joined")
