"""What was spent: what was charged, on the person's day, by the tool that the caller named."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from billing import ledger
from billing.models import Wallet
from billing.usage import ToolSpent, usage_of
from tests.billing.books import release, settle
from tests.factories import make_user, make_wallet

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def wallet() -> Wallet:
    with time_machine.travel(NOW - 60 * DAY):
        return make_wallet(1000, user=make_user(time_zone="America/New_York"))


def spend(wallet: Wallet, at: datetime, credits: int, tool: str = "text-to-image", held: int | None = None) -> None:
    with time_machine.travel(at, tick=False):
        key = f"{at}{credits}{tool}"
        hold = ledger.hold(wallet, held or credits, key=f"h{key}", reason="r", reference="job:1", tool=tool)
        settle(hold, credits, f"s{key}")
        release(hold, f"r{key}")


def test_every_day_stands_there_and_today_is_the_last(wallet: Wallet) -> None:
    usage = usage_of(wallet, NOW)
    assert len(usage.days) == 30
    assert (usage.days[0].on, usage.days[-1].on) == (date(2027, 2, 14), date(2027, 3, 15))
    assert (usage.total, usage.tools) == (0, ())


def test_what_came_back_was_not_spent(wallet: Wallet) -> None:
    spend(wallet, NOW, 3, held=10)
    ledger.adjust(wallet, -5, key="a", reason="Taken back")
    assert usage_of(wallet, NOW).total == 3


def test_a_day_is_the_persons(wallet: Wallet) -> None:
    spend(wallet, datetime(2027, 3, 15, 3, 59, tzinfo=UTC), 4)
    spend(wallet, datetime(2027, 3, 15, 4, 1, tzinfo=UTC), 5)
    assert [day.credits for day in usage_of(wallet, NOW).days][-2:] == [4, 5]


def test_the_days_of_daylight_saving_are_days(wallet: Wallet) -> None:
    # In New York the clock went forward on 14 March 2027.
    spend(wallet, datetime(2027, 3, 14, 4, 59, tzinfo=UTC), 1)
    spend(wallet, datetime(2027, 3, 14, 5, 1, tzinfo=UTC), 2)
    assert [day.credits for day in usage_of(wallet, NOW).days][-3:] == [1, 2, 0]


def test_older_spending_and_other_peoples_is_left_out(wallet: Wallet) -> None:
    spend(wallet, NOW - 31 * DAY, 7)
    spend(make_wallet(50), NOW, 8)
    assert usage_of(wallet, NOW).total == 0


def test_tools_are_summed_the_largest_first(wallet: Wallet) -> None:
    spend(wallet, NOW, 2)
    spend(wallet, NOW - DAY, 9, "image_to_video")
    spend(wallet, NOW - 2 * DAY, 3)
    spend(wallet, NOW, 1, "")
    assert usage_of(wallet, NOW).tools == (
        ToolSpent("Image to video", 9),
        ToolSpent("Text to image", 5),
        ToolSpent("Other", 1),
    )


def test_the_plot_has_a_bar_for_each_day(wallet: Wallet) -> None:
    spend(wallet, NOW, 1)
    plot = usage_of(wallet, NOW).plot
    assert len(plot.bars) == 30
    assert plot.rows[0].text == "1 credit"
    assert plot.summary == "1 credit in 30 days"
