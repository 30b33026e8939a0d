import pytest

from accounts import notifications
from accounts.models import Channel, Happening
from billing.models import LowCredits
from tests.factories import make_user, make_wallet
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db

PATH = "/settings/billing/news/"


def test_it_is_told_to_its_owner_alone_and_kept_by_nobody() -> None:
    owner, stranger = make_user(email="ada@example.com"), make_user(email="eve@example.com")
    low = LowCredits.objects.create(wallet=make_wallet(1, user=owner))
    for one in (owner, stranger):
        notifications.choose(one, {(Happening.LOW_CREDITS, Channel.BROWSER)})

    answer = visitor(owner).get(PATH)
    told = {"name": f"low_credits:{low.pk}", "title": "1 credit is left", "ways": ["browser"]}
    assert answer.json() == {"news": [told], "wanted": ["browser"]}
    assert "no-store" in answer["Cache-Control"]
    assert visitor(stranger).get(PATH).json() == {"news": [], "wanted": ["browser"]}
    assert_sent_to_login(visitor().get(PATH), PATH)


def test_who_wants_no_word_of_credits_is_told_so() -> None:
    owner = make_user()
    LowCredits.objects.create(wallet=make_wallet(1, user=owner))
    notifications.choose(owner, {(Happening.LOW_CREDITS, Channel.EMAIL), (Happening.RUN_DONE, Channel.SOUND)})

    assert visitor(owner).get(PATH).json() == {"news": [], "wanted": []}
