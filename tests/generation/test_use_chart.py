from datetime import UTC, date, datetime

import pytest
import time_machine

from generation import use_chart
from tests.factories import make_user
from tests.generation.views.test_api_use import make_key, make_pictures

pytestmark = pytest.mark.django_db


def test_thirty_days_end_today_and_the_fullest_is_the_highest() -> None:
    user = make_user()
    key = make_key(user)
    with time_machine.travel(datetime(2026, 11, 20, 23, tzinfo=UTC)) as clock:
        make_pictures(key, 2)
        clock.move_to(datetime(2026, 11, 21, 1, tzinfo=UTC))
        make_pictures(key, 1)
        chart = use_chart.chart_of(user)

    assert len(chart.bars) == 30
    assert (chart.bars[0].day, chart.bars[-1].day) == (date(2026, 10, 23), date(2026, 11, 21))
    assert [bar.height for bar in chart.bars[-3:]] == [1, 72, 36]
    assert [bar.y for bar in chart.bars[-3:]] == [71, 0, 36]
    assert (chart.pictures, chart.credits, chart.caps) == (3, 3, ())
