"""A request may be sent many times at once; it makes one run, and every answer is the first."""

import random
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connections

from billing.models import CreditHold
from generation.models import Job
from tests.generation.api.calling import PROMPT, Program, api_balance, make_program

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16


@dataclass(frozen=True)
class Sent:
    """One request and what came back."""

    key: str
    is_changed: bool
    status: int
    body: bytes


def requests_for(keys: int, seed: int) -> list[tuple[str, dict[str, Any], bool]]:
    """Return each key's request 1 to 5 times, a tenth of the keys also with another body, well mixed."""
    dice = random.Random(seed)
    made = []
    for number in range(keys):
        key, body = f"key-{number}", {**PROMPT, "seed": number}
        made += [(key, body, False)] * dice.randint(1, 5)
        if dice.random() < 0.1:
            made.append((key, {**body, "numImages": 2}, True))
    # Near each other, so that the same key is really sent at once.
    blocks = [made[start : start + 40] for start in range(0, len(made), 40)]
    for block in blocks:
        dice.shuffle(block)
    return [one for block in blocks for one in block]


def send_all(program: Program, wanted: list[tuple[str, dict[str, Any], bool]]) -> list[Sent]:
    def send(key: str, body: dict[str, Any], is_changed: bool) -> Sent:
        try:
            response = program.post("diffusions", body, Idempotency_Key=key)
            return Sent(key, is_changed, response.status_code, response.content)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(lambda one: send(*one), wanted))


def check(program: Program, keys: int, credits: int) -> None:
    sent = send_all(program, requests_for(keys, seed=keys))

    by_key: dict[str, list[Sent]] = defaultdict(list)
    for one in sent:
        by_key[one.key].append(one)
    for key, answers in by_key.items():
        bodies = {one.body for one in answers if one.status == 201}
        assert len(bodies) == 1, key
        assert {one.status for one in answers} <= {201, 409}, key
        # Whichever body came first is the key's; the others are refused.
        winners = {one.is_changed for one in answers if one.status == 201}
        assert len(winners) == 1, key
        assert all(one.status == (201 if one.is_changed in winners else 409) for one in answers), key
    assert Job.objects.count() == len(by_key) == keys
    assert CreditHold.objects.count() == (0 if program.key.is_test else keys)
    spent = sum(job.credits for job in Job.objects.all())
    assert api_balance(program.user) == credits - spent


@pytest.fixture
def _no_limits(settings: LazySettings) -> None:
    settings.API_RATE_KEY = settings.API_RATE_ACCOUNT = settings.API_RATE_GENERATE = 1_000_000
    settings.API_JOBS_WAITING_MAX = 1_000_000


@pytest.mark.usefixtures("_no_limits")
def test_a_hundred_requests_sent_several_times_at_once_make_a_hundred_runs() -> None:
    check(make_program(credits=1000), keys=100, credits=1000)


@pytest.mark.long
@pytest.mark.usefixtures("_no_limits")
def test_a_thousand_requests_sent_several_times_at_once_make_a_thousand_runs() -> None:
    check(make_program(credits=10_000), keys=1000, credits=10_000)


@pytest.mark.usefixtures("_no_limits")
def test_a_test_request_sent_several_times_at_once_makes_one_run() -> None:
    program = make_program(credits=0, is_test=True)

    sent = send_all(program, [("key", PROMPT, False)] * 30)

    assert {(one.status, one.body) for one in sent} == {(201, sent[0].body)}
    assert Job.objects.count() == 1
