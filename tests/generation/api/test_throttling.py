from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings

from tests.generation.api.calling import PROMPT, make_program
from tests.generation.api.reading import read

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_every_answer_says_where_the_caller_stands() -> None:
    with time_machine.travel(NOON, tick=False):
        answer = make_program().get("account")

    assert answer["RateLimit-Policy"] == '"key";q=120;w=60, "account";q=600;w=60'
    assert answer["RateLimit"] == '"key";r=119;t=1, "account";r=599;t=1'
    assert "Retry-After" not in answer


def test_beyond_the_keys_rate_requests_are_refused_until_it_comes_back(settings: LazySettings) -> None:
    settings.API_RATE_KEY = 2
    program = make_program()
    with time_machine.travel(NOON, tick=False) as clock:
        assert [program.get("account").status_code for _ in range(3)] == [200, 200, 429]
        refused = program.get("account")
        assert refused["Retry-After"] == "30"
        assert refused["RateLimit"] == '"key";r=0;t=30, "account";r=598;t=1'
        assert refused["Content-Type"] == "application/problem+json"
        assert read(refused)["error"]["type"] == "rate_limit"
        clock.shift(timedelta(seconds=30))
        assert program.get("account").status_code == 200


def test_keys_of_one_account_share_its_rate_and_those_of_another_dont(settings: LazySettings) -> None:
    settings.API_RATE_ACCOUNT = 3
    first = make_program()
    second, stranger = make_program(user=first.user), make_program()
    with time_machine.travel(NOON, tick=False):
        statuses = [program.get("account").status_code for program in (first, second, first, second, stranger)]

    assert statuses == [200, 200, 200, 429, 200]


def test_pictures_have_a_rate_of_their_own(settings: LazySettings) -> None:
    settings.API_RATE_GENERATE = 1
    program = make_program()
    with time_machine.travel(NOON, tick=False):
        made = program.post("diffusions", PROMPT)
        refused = program.post("diffusions", PROMPT)
        read = program.get("account")

    assert (made.status_code, refused.status_code, read.status_code) == (201, 429, 200)
    assert '"generate";q=1;w=60' in made["RateLimit-Policy"]
    assert "generate" not in read["RateLimit-Policy"]
