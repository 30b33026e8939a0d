"""The feed is what RFC 5545 says, as a library reads it; its address opens one wallet until it is replaced."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
import time_machine
from django.conf import LazySettings

from billing import calendar_feed, forecast, grants, ledger
from billing.forecast import Fact, Kind
from billing.models import Wallet
from tests.factories import make_user, make_wallet

NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)


def fact(note: str = "Your monthly credits.") -> Fact:
    return Fact(date(2027, 3, 28), Kind.GRANT, "100 credits come", note, "grant-1")


def events(text: str) -> list[Any]:
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def test_an_event_lasts_the_whole_day_and_has_a_name_for_good(settings: LazySettings) -> None:
    settings.SITE_URL, settings.SITE_NAME = "https://pictures.example:8443", "getimg"
    [event] = events(calendar_feed.render([fact()], NOW))
    assert event["DTSTART"].dt == date(2027, 3, 28)
    assert event["DTEND"].dt == date(2027, 3, 29)
    assert event["DTSTAMP"].dt == NOW
    assert event["UID"] == "grant-1@pictures.example"
    assert event["SUMMARY"] == "getimg: 100 credits come"
    assert event["URL"] == "https://pictures.example:8443/settings/billing/"


@pytest.mark.parametrize(
    "words",
    ["Commas, semicolons; and \\ backslashes", "Two\nlines", 'Quotes " and colons: BEGIN:VEVENT', "Größe · 日本語 🎨"],
)
def test_words_come_through_as_they_are(words: str) -> None:
    [event] = events(calendar_feed.render([fact(note=words)], NOW))
    assert event["DESCRIPTION"] == words


def test_words_cannot_begin_a_line_of_their_own() -> None:
    text = calendar_feed.render([fact(note="x\r\nEND:VEVENT\rBEGIN:VALARM\n\x00\x07")], NOW)
    assert text.count("END:VEVENT\r\n") == 1
    assert "BEGIN:VALARM\r\n" not in text


def test_lines_end_in_crlf_and_have_at_most_75_octets() -> None:
    text = calendar_feed.render([fact(note="Rindfleischetikettierung für 日本語 🎨, " * 40)], NOW)
    lines = text.split("\r\n")
    assert lines[-1] == ""
    assert all("\n" not in line and "\r" not in line for line in lines)
    assert max(len(line.encode()) for line in lines) == calendar_feed.LINE_OCTETS
    assert events(text)[0]["DESCRIPTION"] == "Rindfleischetikettierung für 日本語 🎨, " * 40


def test_nothing_to_come_is_a_calendar_too() -> None:
    calendar = icalendar.Calendar.from_ical(calendar_feed.render([], NOW))
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_days_are_the_persons() -> None:
    user = make_user(time_zone="Pacific/Auckland")
    grants.start_monthly_credits(user)
    text = calendar_feed.render(forecast.facts_of(ledger.wallet_of(user), NOW), NOW)
    grant_dates = [event["DTSTART"].dt for event in events(text) if event["CATEGORIES"].cats == ["GRANT"]]
    assert grant_dates[:2] == [date(2027, 4, 15), date(2027, 5, 15)]
    assert len(grant_dates) == len({event["UID"] for event in events(text) if "grant" in event["UID"]}) == 12


@pytest.mark.django_db
def test_an_address_opens_its_own_wallet_until_it_is_renewed() -> None:
    wallet, other = make_wallet(), make_wallet()
    token = calendar_feed.token_of(wallet)
    assert calendar_feed.wallet_of(token) == wallet
    assert calendar_feed.token_of(other) != token
    calendar_feed.renew(wallet)
    assert calendar_feed.wallet_of(token) is None
    assert calendar_feed.wallet_of(calendar_feed.token_of(Wallet.objects.get(pk=wallet.pk))) == wallet


@pytest.mark.django_db
def test_a_forged_address_and_one_of_a_closed_account_open_nothing() -> None:
    wallet = make_wallet()
    token = calendar_feed.token_of(wallet)
    for forged in ("", "x", token[:-1], token.replace("-0", "-1"), f"{wallet.pk.hex}-0"):
        assert calendar_feed.wallet_of(forged) is None
    wallet.user.is_active = False
    wallet.user.save()
    assert calendar_feed.wallet_of(token) is None


def test_a_far_date_is_written_in_eight_digits() -> None:
    text = calendar_feed.render([Fact(date(2031, 1, 1), Kind.PLAN, "Pro renews", "", "p")], NOW + timedelta(days=1))
    assert "DTSTART;VALUE=DATE:20310101\r\n" in text
