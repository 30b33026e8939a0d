from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from tests.generation.api.calling import PROMPT, make_program
from tests.generation.api.reading import read

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_nobody_without_a_key_sees_usage() -> None:
    assert Client().get("/v1/usage").status_code == 401


def test_usage_of_the_last_thirty_days_is_by_day() -> None:
    with time_machine.travel(NOON, tick=False):
        make_program().post("diffusions", PROMPT)
        program = make_program()
        program.post("diffusions", {**PROMPT, "numImages": 2})
        answer = read(program.get("usage"))

    sums = {"requests": 1, "pictures": 0, "credits": 0, "creditsOnHold": 2}
    assert answer == {
        "from": "2026-10-23",
        "to": "2026-11-21",
        "groupBy": ["day"],
        "total": sums,
        "usage": [{"day": "2026-11-21", **sums}],
    }


def test_usage_is_grouped_as_asked() -> None:
    with time_machine.travel(NOON, tick=False):
        program = make_program()
        program.post("diffusions", PROMPT)
        query = {"from": "2026-11-21", "to": "2026-11-21", "groupBy": "key,model"}
        answer = read(program.get("usage", query))

    assert answer["groupBy"] == ["model", "key"]
    (line,) = answer["usage"]
    assert line["model"] == "midjourney"
    assert line["key"] == {"id": str(program.key.pk), "name": "For a test", "isTest": False}
    assert "day" not in line


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "20261121"}, "from"),
        ({"groupBy": "hour"}, "groupBy"),
        ({"groupBy": ""}, "groupBy"),
        ({"groupBy": "day,,key"}, "groupBy"),
        ({"since": "2026-11-21"}, "since"),
    ],
)
def test_a_query_that_is_not_understood_is_refused_by_name(query: dict[str, str], param: str) -> None:
    answer = make_program().get("usage", query)
    assert answer.status_code == 400
    assert read(answer)["error"]["param"] == param


@pytest.mark.parametrize(
    ("query", "since"),
    [
        ({"to": "0001-01-05"}, "0001-01-01"),
        ({"to": "9999-12-31"}, "9999-12-02"),
        ({"from": "2026-11-22", "to": "2026-11-21"}, "2026-11-22"),
    ],
)
def test_days_without_anything_are_an_empty_answer(query: dict[str, str], since: str) -> None:
    answer = make_program().get("usage", query)
    assert answer.status_code == 200
    found = read(answer)
    assert (found["from"], found["usage"], found["total"]["requests"]) == (since, [], 0)


def test_each_kind_of_key_sums_up_its_kind() -> None:
    live = make_program()
    test = make_program(user=live.user, is_test=True)
    live.post("diffusions", PROMPT)
    test.post("diffusions", {**PROMPT, "numImages": 2})
    test.post("diffusions", PROMPT)

    assert read(live.get("usage"))["total"]["requests"] == 1
    assert read(test.get("usage"))["total"]["requests"] == 2
