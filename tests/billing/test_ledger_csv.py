"""The file has every line in its order, and nothing in it that a spreadsheet would run."""

import csv
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import ledger, ledger_csv
from billing.models import Wallet
from tests.factories import make_user, make_wallet

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 15, 23, 30, tzinfo=UTC)


def read(wallet: Wallet) -> list[dict[str, str]]:
    return list(csv.DictReader("".join(ledger_csv.rows(wallet)).splitlines()))


def test_an_empty_ledger_is_a_header() -> None:
    assert "".join(ledger_csv.rows(make_wallet())) == ",".join(ledger_csv.HEADER) + "\r\n"


@time_machine.travel(NOW, tick=False)
def test_lines_are_the_oldest_first_with_times_of_the_person() -> None:
    wallet = make_wallet(10, user=make_user(time_zone="Europe/Berlin"))
    ledger.hold(wallet, 4, key="h", reason="4 “pictures”, from text", reference="job:1")
    granted, held = read(wallet)
    assert (granted["what"], granted["change"], granted["balance"]) == ("Granted", "10", "10")
    assert (held["what"], held["credits"], held["change"], held["balance"]) == ("Set aside", "4", "-4", "6")
    assert held["time"] == "2027-03-16T00:30:00+01:00"
    assert (held["reason"], held["for"], held["address"]) == ("4 “pictures”, from text", "job:1", "")


@pytest.mark.parametrize("reason", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])
def test_no_reason_is_taken_for_a_formula(reason: str) -> None:
    wallet = make_wallet()
    ledger.adjust(wallet, 1, key="a", reason=reason)
    text = "".join(ledger_csv.rows(wallet))
    [line] = list(csv.DictReader(text.splitlines(keepends=True)))
    assert line["reason"] == f"'{reason}"


def test_a_long_ledger_is_read_in_one_statement() -> None:
    wallet = make_wallet()
    for number in range(20):
        ledger.adjust(wallet, 1, key=f"{number}", reason="r")
    with CaptureQueriesContext(connection) as queries:
        assert len(list(ledger_csv.rows(wallet))) == 21
    assert len(queries) == 1
