"""Hosts that are cut off, and services that are away: nothing is lost, nothing charged twice, no file is nobody's."""

import time
from typing import Any

import psycopg
import pytest

from tests.flows.clusters import wait_for
from tests.hosts.people import Browser, Program, someone
from tests.hosts.runs import PICTURES, assert_charged_once, find, order_and_wait_until_drawn
from tests.hosts.studio import GPUS, WEBS, Studio

pytestmark = pytest.mark.long

# Longer than a host needs to notice that nobody answers.
_CUT_SECONDS = 25.0


@pytest.fixture(scope="module")
def person(hosts: Studio) -> Browser:
    """Return somebody with credits for the API."""
    return someone(hosts)


@pytest.fixture
def program(hosts: Studio, person: Browser) -> Program:
    """Return a program with a key, and so a rate, of its own."""
    return Program(hosts, person.make_key("web1"))


def test_what_a_host_that_is_cut_off_was_drawing_is_drawn_by_another(
    hosts: Studio, program: Program, figures: dict[str, Any]
) -> None:
    job, lost = order_and_wait_until_drawn(hosts, program, stored=1)
    hosts.network.cut(lost)
    cut_at = time.monotonic()
    try:
        wait_for(lambda: find(hosts, job).status == "FINISHED", "the end of the run", 120)
        figures["a gpu host cut off mid-run: seconds until the run had ended"] = round(time.monotonic() - cut_at, 1)
        _, attempt, finisher, stored = find(hosts, job)
        assert (attempt, stored) == (2, PICTURES)
        assert finisher != lost
        time.sleep(max(0.0, _CUT_SECONDS - (time.monotonic() - cut_at)))
    finally:
        hosts.network.mend(lost)
    _await_drawing(hosts, program, lost)
    assert_charged_once(hosts, job)
    hosts.check()


def test_a_host_that_lost_the_database_alone_leaves_no_file_behind(
    hosts: Studio, program: Program, figures: dict[str, Any]
) -> None:
    """What it draws on reaches the bucket; when the database is back, it finds that the run was another's."""
    job, lost = order_and_wait_until_drawn(hosts, program, stored=1)
    hosts.network.lose(lost, "postgres")
    try:
        wait_for(lambda: find(hosts, job).status == "FINISHED", "the end of the run", 120)
        assert find(hosts, job).host != lost
        time.sleep(_CUT_SECONDS)
        extra = len(_files(hosts)) - _files_known(hosts)
        figures["files that a host without its database had stored meanwhile"] = extra
        assert extra > 0  # else this showed nothing
    finally:
        hosts.network.find(lost, "postgres")
    _await_drawing(hosts, program, lost)
    wait_for(lambda: len(_files(hosts)) == _files_known(hosts), "the end of files that are no row's", 60)
    assert_charged_once(hosts, job)
    hosts.check()


def test_a_web_host_that_is_cut_off_holds_nobody_up(
    hosts: Studio, program: Program, person: Browser, figures: dict[str, Any]
) -> None:
    """Not even in the midst of a transaction: the wallet's lock that it has is let go."""
    with hosts.network.inside("web1"):
        held = psycopg.connect(hosts.url)
        held.execute(
            "SELECT FROM billing_wallet WHERE user_id = (SELECT id FROM accounts_user WHERE email = %s) FOR UPDATE",
            [person.email],
        )
    hosts.network.cut("web1")
    cut_at = time.monotonic()
    try:
        answer = program.post("web1")
        assert answer.status == 201, answer.text
        figures["a web host cut off with a wallet's lock: seconds until an order passed"] = round(
            time.monotonic() - cut_at, 1
        )
        assert person.get("web2", "/library/").status == 200
        wait_for(lambda: find(hosts, answer.json["id"]).status == "FINISHED", "the picture", 120)
    finally:
        hosts.network.mend("web1")
        held.close()
    wait_for(lambda: _answers(person, "web1"), "the host that is back", 60)
    hosts.check()


@pytest.mark.parametrize("how", ["killed", "cut off"])
def test_without_redis_orders_are_taken_and_drawn_and_what_is_drawn_goes_on(
    hosts: Studio, program: Program, person: Browser, how: str, figures: dict[str, Any]
) -> None:
    running, host = order_and_wait_until_drawn(hosts, program, stored=1)
    restarts = {name: hosts.log(name).count("cluster restarts") for name in (*GPUS, "queue")}
    hosts.kill_redis() if how == "killed" else hosts.network.cut("redis")
    assert find(hosts, running).status == "PROCESSING"  # else this shows nothing of it
    slowest = 0.0
    try:
        ordered = []
        until = time.monotonic() + 12
        while time.monotonic() < until:
            for web in WEBS:
                began = time.monotonic()
                answer = program.post(web)
                assert answer.status == 201, answer.text
                ordered.append(answer.json["id"])
                assert person.get(web, "/library/").status == 200
                ready = person.get(web, "/readyz")
                assert (ready.status, ready.json["cache"]) == (200, False)
                slowest = max(slowest, time.monotonic() - began)
            time.sleep(1)
        # Who is signed in stays so; nobody signs in whose tries cannot be counted.
        assert Browser(hosts, email=person.email).log_in("web1").status in {200, 429}
    finally:
        hosts.start_redis() if how == "killed" else hosts.network.mend("redis")
    back_at = time.monotonic()
    wait_for(lambda: all(find(hosts, job).status == "FINISHED" for job in ordered), "all that was ordered", 120)
    figures[f"redis {how} for 12 s: slowest order, page and /readyz together, in seconds"] = round(slowest, 1)
    figures[f"redis {how} for 12 s: seconds until its {len(ordered)} orders were drawn"] = round(
        time.monotonic() - back_at, 1
    )
    # The run that was being drawn knew nothing of it.
    assert find(hosts, running)[:3] == ("FINISHED", 1, host)
    assert {name: hosts.log(name).count("cluster restarts") for name in restarts} == restarts
    assert Browser(hosts, email=person.email).log_in("web2").status == 302
    hosts.check()


def test_while_the_bucket_is_away_pictures_wait_for_it(
    hosts: Studio, program: Program, figures: dict[str, Any]
) -> None:
    job, host = order_and_wait_until_drawn(hosts, program, stored=1)
    hosts.network.cut("bucket")
    try:
        time.sleep(20)
        assert program.get("web1", f"diffusions/{job}").status == 200
        assert find(hosts, job).status == "PROCESSING"
    finally:
        hosts.network.mend("bucket")
    back_at = time.monotonic()
    wait_for(lambda: find(hosts, job).status == "FINISHED", "the end of the run", 120)
    figures["the bucket cut off for 20 s mid-run: seconds until the run had ended"] = round(
        time.monotonic() - back_at, 1
    )
    # Not drawn again: its pictures were waiting.
    assert find(hosts, job)[:3] == ("FINISHED", 1, host)
    hosts.check()


def _await_drawing(hosts: Studio, program: Program, host: str) -> None:
    """Order until this host has drawn something again."""

    def look() -> bool:
        jobs = [program.post("web1").json["id"] for _ in GPUS]
        wait_for(lambda: all(find(hosts, job).status == "FINISHED" for job in jobs), "the pictures", 120)
        return host in {find(hosts, job).host for job in jobs}

    wait_for(look, f"a picture by {host}", 120)


def _files(hosts: Studio) -> list[str]:
    pages = hosts.s3.client().get_paginator("list_objects_v2").paginate(Bucket=hosts.s3.bucket, Prefix="pictures/")
    return [file["Key"] for page in pages for file in page.get("Contents", ())]


def _files_known(hosts: Studio) -> int:
    return 3 * int(hosts.one("SELECT count(*) FROM generation_image"))


def _answers(person: Browser, web: str) -> bool:
    try:
        return person.get(web, "/readyz").status == 200
    except OSError:
        return False
