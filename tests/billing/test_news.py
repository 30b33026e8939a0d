"""What open pages tell of credits: to those who want it, while it is new."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import notifications
from accounts.models import Channel, Happening
from billing import grants, news
from billing.models import LowCredits
from tests.factories import make_user, make_wallet

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("happening", "title"),
    [(Happening.LOW_CREDITS, "7 credits are left"), (Happening.NEXT_GRANT, "The month’s credits have come")],
)
def test_it_is_told_in_the_ways_that_were_chosen_and_for_a_day(happening: Happening, title: str) -> None:
    user = make_user()
    now = timezone.now()
    if happening == Happening.LOW_CREDITS:
        low = LowCredits.objects.create(wallet=make_wallet(7, user=user), seen_at=now)
    else:
        grants.start_monthly_credits(user)
    assert news.of(user, now) == [], "by mail alone"

    notifications.choose(user, {(happening, Channel.SOUND)})
    [told] = news.of(user, now + timedelta(seconds=1))
    assert (told.title, told.ways) == (title, ["sound"])
    assert told.name.startswith(f"{happening}:")
    notifications.choose(user, {(happening, Channel.SOUND), (happening, Channel.BROWSER)})
    assert [one.ways for one in news.of(user, now + timedelta(seconds=1))] == [["browser", "sound"]]
    assert news.of(user, now + timedelta(hours=25)) == []
    if happening == Happening.LOW_CREDITS:
        low.delete()
        assert news.of(user, now) == []
