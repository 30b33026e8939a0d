from uuid import UUID

import pytest
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from accounts.compiled import Compiled
from accounts.models import ApiKey, User
from tests.generation.api.calling import make_program

pytestmark = pytest.mark.django_db


def test_rows_come_out_as_from_the_query_set_for_other_values_each_time(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    find = Compiled(
        lambda user_id, name: ApiKey.objects.filter(user_id=user_id, name=name).annotate(mail=F("user__email")),
        user_id=UUID,
        name=str,
    )
    keys = [make_program(allowed_networks=["203.0.113.0/24"], daily_cap=5).key for _ in range(2)]

    for _ in range(3):  # PostgreSQL prepares it on the way
        for key in keys:
            with django_assert_num_queries(1):
                (row,) = find.rows(user_id=key.user_id, name=key.name)
            assert row == key
            for field in ApiKey._meta.concrete_fields:
                assert getattr(row, field.attname) == getattr(key, field.attname)
            assert row.mail == key.user.email  # type: ignore[attr-defined]
    assert find.rows(user_id=keys[0].user_id, name="another") == []


def test_joined_rows_come_along(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    find = Compiled(lambda user_id: ApiKey.objects.filter(user_id=user_id).select_related("user"), user_id=UUID)
    keys = [make_program().key for _ in range(2)]

    for key in keys:
        with django_assert_num_queries(1):
            (row,) = find.rows(user_id=key.user_id)
            assert (row, row.user.email) == (key, key.user.email)


def test_values_that_are_the_same_each_time_are_taken_as_they_are() -> None:
    name = "100 %s of 'it', \\ and %"
    find = Compiled(lambda user_id: ApiKey.objects.filter(user_id=user_id, name=name, daily_cap=None), user_id=UUID)
    key = make_program().key
    assert find.rows(user_id=key.user_id) == []

    ApiKey.objects.filter(pk=key.pk).update(name=name)

    assert find.rows(user_id=key.user_id) == [key]


def test_a_value_that_the_query_leaves_out_is_noticed() -> None:
    forgetful = Compiled(lambda email: User.objects.all(), email=str)

    with pytest.raises(AssertionError, match="email"):
        forgetful.rows(email="a@example.com")
