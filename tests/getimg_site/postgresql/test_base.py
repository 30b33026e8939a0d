import time

import pytest
from django.conf import LazySettings
from django.db import InternalError, OperationalError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from accounts.compiled import fetch
from getimg_site.postgresql import base

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def begin_a_request() -> None:
    """Do what Django does when a request begins."""
    connection.close_if_unusable_or_obsolete()
    connection.health_check_done = False  # type: ignore[attr-defined]


def end_the_session_behind_its_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()


def test_a_connection_that_died_is_replaced_by_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_ALIVE_SECONDS", 0.0)
    end_the_session_behind_its_back()
    begin_a_request()

    assert fetch("SELECT 1", []) == [(1,)]


def test_within_a_second_the_request_that_finds_it_dead_fails_and_the_one_after_it_works() -> None:
    begin_a_request()
    assert fetch("SELECT 1", []) == [(1,)]
    end_the_session_behind_its_back()
    begin_a_request()

    with pytest.raises(OperationalError):
        fetch("SELECT 1", [])
    begin_a_request()

    assert fetch("SELECT 1", []) == [(1,)]


def test_statements_are_prepared_and_counted_as_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(3):
        assert [fetch("SELECT %s::int + 1", [number]) for number in range(3)] == [[(1,)], [(2,)], [(3,)]]

    assert fetch("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["%int + 1"]) == [(1,)]


def test_rates_stay_out_of_the_log() -> None:
    assert fetch("SELECT relpersistence FROM pg_class WHERE relname = %s", ["accounts_ratebucket"]) == [("u",)]


def test_no_statement_is_compiled_or_shared_out() -> None:
    assert fetch("SHOW jit", []) == [("off",)]
    assert fetch("SHOW max_parallel_workers_per_gather", []) == [("0",)]


def test_who_stands_still_within_a_transaction_is_cut_off(settings: LazySettings) -> None:
    settings.DATABASE_IDLE_SECONDS = 1
    connection.close()

    with transaction.atomic():
        assert fetch("SELECT 1", []) == [(1,)]
        time.sleep(1.5)
        with pytest.raises(InternalError):
            fetch("SELECT 1", [])
        transaction.set_rollback(True)

    connection.close()
