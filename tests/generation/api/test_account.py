from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from billing import ledger
from tests.generation.api.calling import PROMPT, make_program
from tests.generation.api.reading import read

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_nobody_without_a_key_sees_an_account() -> None:
    assert Client().get("/v1/account").status_code == 401


def test_a_key_sees_its_own_account_alone() -> None:
    make_program(credits=777)
    answer = read(make_program(credits=5).get("account"))
    assert answer["credits"]["balance"] == 5


def test_the_account_says_what_there_is_and_what_may_be_spent() -> None:
    with time_machine.travel(NOON, tick=False):
        program = make_program(credits=100, daily_cap=10, allowed_networks=["127.0.0.0/8"])
        program.post("diffusions", {**PROMPT, "numImages": 4})
        answer = read(program.get("account"))

    assert answer["plan"] == {"id": "pay-as-you-go", "name": "Pay as you go"}
    assert answer["credits"] == {"balance": 96, "onHold": 4, "nextExpiry": None, "lowBalanceAt": 50}
    assert answer["key"]["name"] == "For a test"
    assert answer["key"]["allowedNetworks"] == ["127.0.0.0/8"]
    assert answer["key"]["dailyCap"] == {
        "credits": 10,
        "spent": 4,
        "left": 6,
        "resetsAt": "2026-11-22T00:00:00.000Z",
    }
    assert answer["key"]["monthlyCap"] is None
    assert answer["testPictures"] == {"quota": 25, "left": 25, "resetsAt": "2026-11-22T00:00:00.000Z"}
    assert [limit["name"] for limit in answer["limits"]["requests"]] == ["key", "account", "generate"]


def test_the_sites_credits_are_another_wallets() -> None:
    program = make_program(credits=0)
    ledger.adjust(ledger.wallet_of(program.user), 500, key="site", reason="For the site")

    assert read(program.get("account"))["credits"]["balance"] == 0
    refused = program.post("diffusions", PROMPT)
    assert refused.status_code == 402


def test_a_test_key_needs_no_credits_and_counts_its_pictures() -> None:
    program = make_program(credits=0, is_test=True)
    assert program.post("diffusions", {**PROMPT, "numImages": 4}).status_code == 201

    answer = read(program.get("account"))
    assert answer["key"]["isTest"] is True
    assert answer["testPictures"]["left"] == 21


def test_a_request_over_the_keys_cap_is_refused_with_what_is_left() -> None:
    program = make_program(credits=100, daily_cap=3)
    program.post("diffusions", {**PROMPT, "numImages": 2})

    refused = program.post("diffusions", {**PROMPT, "numImages": 2})

    assert refused.status_code == 402
    problem = read(refused)
    assert problem["error"]["code"] == "spend_cap_reached"
    assert "has 1 left of the 3" in problem["detail"]
    assert read(program.get("account"))["credits"]["balance"] == 98
