"""The short way of a polled run says what the view says. `Prefer: wait=0` asks the view itself and doesn't wait."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import api_keys, switches
from accounts.models import ApiKey, Feature, FeatureSwitch, Scope, User
from generation import lifecycle
from generation.models import Job
from tests.generation.api.calling import PROMPT, Program, make_program
from tests.generation.runs import claim, pictures

pytestmark = pytest.mark.django_db


def ordered(**facts: object) -> tuple[Program, str]:
    """Return a program that has been here within the minute, and the address of its run."""
    program = make_program(**facts)  # type: ignore[arg-type]
    return program, f"diffusions/{program.post('diffusions', PROMPT).json()['id']}"


def test_both_ways_answer_alike_from_the_queue_to_the_end() -> None:
    program, path = ordered()
    for change in (None, "finish", "delete"):
        if change == "finish":
            job = claim().jobs[0]
            lifecycle.finish(job, job.attempt, pictures(job, 0))
        if change == "delete":
            Job.objects.update(deleted_at=timezone.now())

        short, view = program.get(path), program.get(path, Prefer="wait=0")

        assert (short.status_code, short.content) == (view.status_code, view.content)
        assert short.headers.keys() == view.headers.keys()
        # One counts on, the other is each request's own.
        own = {"RateLimit", "X-Request-Id"}
        assert all(short[name] == view[name] for name in view.headers if name not in own)


@pytest.mark.parametrize("way", [{}, {"Prefer": "wait=0"}])
def test_the_operators_switch_ends_both_ways(way: dict[str, str]) -> None:
    program, path = ordered()
    assert program.get(path, None, **way).status_code == 200
    FeatureSwitch.objects.create(feature=Feature.API, state="off", reason="We move.")
    switches.memory.forget()

    assert program.get(path, None, **way).status_code == 503


@pytest.mark.parametrize("way", [{}, {"Prefer": "wait=0"}])
def test_who_has_the_newest_is_told_so_until_it_changes(way: dict[str, str]) -> None:
    program, path = ordered()
    tag = program.get(path, None, **way)["ETag"]

    same = program.get(path, None, **way, If_None_Match=tag)
    weak = program.get(path, None, **way, If_None_Match=f'"other", W/{tag}')
    other = program.get(path, None, **way, If_None_Match='"other"')
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, 0))
    changed = program.get(path, None, **way, If_None_Match=tag)

    assert [one.status_code for one in (same, weak, other, changed)] == [304, 304, 200, 200]
    assert (same.content, same["ETag"]) == (b"", tag)
    assert "RateLimit" in same
    assert (changed.json()["status"], changed["ETag"] != tag) == ("FINISHED", True)


@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False)  # rates fill up again meanwhile
def test_the_short_way_asks_twice_and_counts_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    program, path = ordered()

    with django_assert_num_queries(2):
        first = program.get(path)

    left = [int(answer["RateLimit"].split("r=")[1].split(";")[0]) for answer in (first, program.get(path))]
    assert left[0] - left[1] == 1


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"revoked_at": timezone.now()}, 401),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, 401),
        ({"scopes": [Scope.GENERATE]}, 403),
        ({"allowed_networks": ["203.0.113.0/24"]}, 403),
        ({"allowed_networks": ["127.0.0.0/8"]}, 200),
    ],
)
def test_a_key_opens_no_more_than_before_from_the_next_request_on(facts: dict[str, object], status: int) -> None:
    program, path = ordered()
    assert program.get(path).status_code == 200

    ApiKey.objects.update(**facts)

    assert program.get(path).status_code == program.get(path, Prefer="wait=0").status_code == status


def test_whoever_is_locked_out_sees_nothing() -> None:
    program, path = ordered()
    User.objects.update(is_active=False)

    assert program.get(path).status_code == 401


def test_the_text_before_a_rotation_works_for_its_time() -> None:
    program, path = ordered()
    api_keys.rotate(program.key)
    assert program.get(path).status_code == 200

    api_keys.rotate(program.key, overlap=timedelta(0))

    assert program.get(path).status_code == 401


def test_a_strangers_run_reads_as_one_that_is_not_there() -> None:
    _, path = ordered()
    stranger, _ = ordered()

    missing = stranger.get("diffusions/01900000-0000-7000-8000-000000000000")

    assert stranger.get(path).status_code == missing.status_code == 404
    assert stranger.get(path).content == missing.content


@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False)
def test_a_rate_that_is_used_up_refuses(settings: LazySettings) -> None:
    program, path = ordered()
    settings.API_RATE_KEY = 2

    answers = [program.get(path) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 429, 429]  # half a second of the first is gone
    assert int(answers[-1]["Retry-After"]) > 0


def test_each_use_is_noted_once_a_minute() -> None:
    program, path = ordered()
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))

    assert program.get(path).status_code == 200

    noted = ApiKey.objects.get(pk=program.key.pk).last_used_at
    assert noted is not None
    assert noted > timezone.now() - timedelta(minutes=1)
