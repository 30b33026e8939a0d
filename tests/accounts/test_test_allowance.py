from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction

from accounts import test_allowance
from accounts.errors import TestAllowanceUsedUp
from tests.factories import make_user

LATE = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)


@pytest.mark.django_db
def test_a_day_has_25_pictures_and_the_next_day_25_more() -> None:
    user = make_user()
    with time_machine.travel(LATE, tick=False) as clock:
        assert test_allowance.left(user) == 25
        assert test_allowance.take(user, 10) == 15
        assert test_allowance.take(user, 10) == 5
        with pytest.raises(TestAllowanceUsedUp) as caught:
            test_allowance.take(user, 6)
        assert (caught.value.asked, caught.value.left, caught.value.limit) == (6, 5, 25)
        assert caught.value.again_at == LATE + timedelta(minutes=1)
        assert test_allowance.take(user, 5) == 0
        clock.shift(timedelta(minutes=1))
        assert test_allowance.left(user) == 25


@pytest.mark.django_db
def test_each_person_has_pictures_of_their_own() -> None:
    test_allowance.take(make_user(), 25)
    assert test_allowance.left(make_user()) == 25


@pytest.mark.django_db
def test_more_than_a_day_has_is_refused_on_the_first_request_too() -> None:
    user = make_user()
    with pytest.raises(TestAllowanceUsedUp):
        test_allowance.take(user, 26)
    assert test_allowance.left(user) == 25


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_not_made_gives_its_pictures_back() -> None:
    user = make_user()
    with transaction.atomic():
        test_allowance.take(user, 10)
        transaction.set_rollback(True)
    assert test_allowance.left(user) == 25


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_requests_at_once_exactly_25_get_a_picture() -> None:
    user = make_user()

    def take(_: int) -> bool:
        try:
            with transaction.atomic():
                test_allowance.take(user, 1)
        except TestAllowanceUsedUp:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(16) as threads:
        got = list(threads.map(take, range(100)))

    assert got.count(True) == 25
    assert test_allowance.left(user) == 0
