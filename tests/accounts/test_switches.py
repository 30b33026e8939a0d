"""Switches: as the settings have it until an operator says otherwise; from memory, told to everybody within seconds."""

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from accounts import switches
from accounts.errors import FeatureOff
from accounts.models import Feature, FeatureSwitch

pytestmark = pytest.mark.django_db


def turn(feature: Feature, state: str, reason: str = "") -> None:
    FeatureSwitch.objects.update_or_create(feature=feature, defaults={"state": state, "reason": reason})
    switches.memory.forget()


def test_without_a_row_everything_is_as_the_settings_have_it(settings: LazySettings) -> None:
    switches.memory.forget()
    assert [switches.is_on(feature) for feature in Feature] == [feature != Feature.SHOWCASE for feature in Feature]
    settings.SHOWCASE = True
    assert switches.is_on(Feature.SHOWCASE)


def test_an_operator_has_the_last_word(settings: LazySettings) -> None:
    turn(Feature.SHOWCASE, "on")
    assert switches.is_on(Feature.SHOWCASE)
    settings.SHOWCASE = True
    turn(Feature.SHOWCASE, "off", "We tidy up.")
    with pytest.raises(FeatureOff, match=r"Showcase: switched off for now\. We tidy up\."):
        switches.check(Feature.SHOWCASE)
    turn(Feature.SHOWCASE, "")
    switches.check(Feature.SHOWCASE)


def test_it_costs_one_query_in_a_while(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    switches.memory.forget()
    with django_assert_num_queries(1):
        assert all(switches.is_on(Feature.API) for _ in range(9))


def test_nothing_is_turned_off_without_a_reason() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        FeatureSwitch.objects.create(feature=Feature.API, state="off")


def test_what_was_known_holds_while_the_database_does_not_answer() -> None:
    turn(Feature.API, "off", "We move.")
    assert not switches.is_on(Feature.API)
    switches.memory.forget()
    with transaction.atomic():
        with pytest.raises(IntegrityError), connection.cursor() as cursor:
            cursor.execute("INSERT INTO accounts_featureswitch (feature) VALUES (NULL)")
        connection.needs_rollback = True
        assert not switches.is_on(Feature.API)
