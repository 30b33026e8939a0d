"""PostgreSQL's host and the queue's lose their cable for a quarter of a minute, and need nobody's hand afterwards."""

import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.flows.clusters import wait_for
from tests.hosts.customer import customer
from tests.hosts.people import Browser, Program, someone
from tests.hosts.runs import PICTURES, assert_charged_once, await_finished, find, order_and_wait_until_drawn
from tests.hosts.studio import GPUS, WEBS, Studio

pytestmark = pytest.mark.long

_CUT_SECONDS = 15.0
# As long as a visitor is let wait: a connection that is cut off is given up on after ten seconds, a new one after five,
# and some wait behind others.
_ANSWER_SECONDS = 30.0


def test_while_postgresql_is_cut_off_nobody_hangs_and_afterwards_all_is_drawn(
    hosts: Studio, figures: dict[str, Any]
) -> None:
    person = someone(hosts)
    program = Program(hosts, person.make_key("web1"))
    running, _ = order_and_wait_until_drawn(hosts, program, stored=1)
    restarts = _restarts(hosts)
    said: list[tuple[str, int, float]] = []
    orders: dict[str, str] = {}
    hosts.network.cut("postgres")
    cut_at = time.monotonic()
    with ThreadPoolExecutor(40) as pool:
        try:
            while time.monotonic() < cut_at + _CUT_SECONDS:
                for web in WEBS:
                    pool.submit(_look, person, web, "/library/", said)
                    pool.submit(_look, person, web, "/readyz", said)
                    pool.submit(_order, program, web, uuid.uuid4().hex, said, orders)
                time.sleep(2)
        finally:
            hosts.network.mend("postgres")
        back_at = time.monotonic()
    statuses = Counter(f"{what} {status}" for what, status, _ in said)
    assert len(said) == 3 * len(orders)
    assert max(seconds for _, _, seconds in said) < _ANSWER_SECONDS, said
    assert {status for what, status, _ in said if what == "/readyz"} <= {200, 503}
    assert statuses["/readyz 503"] >= len(WEBS), statuses
    assert {status for _, status, _ in said} <= {200, 201, 503}, statuses  # each was answered, and told to come back

    # Who got no run asks again, under the same key: those that were taken are not taken twice.
    for key in orders:
        answer = program.post("web1", key)
        assert answer.status in {200, 201}, answer.text
        assert orders[key] in {"", answer.json["id"]}
        orders[key] = answer.json["id"]
    await_finished(hosts, [running, *orders.values()], 120)
    figures["postgresql cut off for 15 s: answers"] = dict(sorted(statuses.items()))
    figures["postgresql cut off for 15 s: slowest answer in seconds"] = round(max(each[2] for each in said), 1)
    figures[f"postgresql cut off for 15 s: seconds until its {len(orders)} orders were drawn"] = round(
        time.monotonic() - back_at, 1
    )
    figures["postgresql cut off for 15 s: attempts of the run in hand, clusters that began themselves anew"] = [
        find(hosts, running).attempt,
        _restarts(hosts) - restarts,
    ]
    count = "SELECT count(*) FROM generation_job job JOIN accounts_user person ON person.id = user_id WHERE email = %s"
    assert hosts.one(count, person.email) == 1 + len(orders)
    assert not hosts.has_ended()
    assert_charged_once(hosts, running)
    hosts.check()


def test_what_the_queue_could_not_do_while_it_was_cut_off_is_made_up_for(
    hosts: Studio, figures: dict[str, Any]
) -> None:
    person = someone(hosts)
    program = Program(hosts, person.make_key("web1"))
    with customer(hosts, person) as heard:
        running, _ = order_and_wait_until_drawn(hosts, program, stored=1)
        hosts.network.cut("queue")
        cut_at = time.monotonic()
        try:
            runs = [running, *(program.post(WEBS[number % 2]).json["id"] for number in range(6))]
            assert person.post("web2", "/settings/your-data/export/", {}, page="/settings/your-data/").status == 302
            await_finished(hosts, runs, 60)
            time.sleep(max(0.0, _CUT_SECONDS - (time.monotonic() - cut_at)))
            assert not any(run in text for run in runs for text in heard)
            assert _export_of(hosts, person) != "ready"
        finally:
            hosts.network.mend("queue")
        back_at = time.monotonic()
        wait_for(lambda: all(any(run in text for text in heard) for run in runs), "each run's webhook", 120)
        wait_for(lambda: _export_of(hosts, person) == "ready", "the export", 120)
        wait_for(lambda: _is_mailed(hosts, person), "its mail", 60)
        figures["the queue's host cut off for 15 s: seconds until webhooks, export and mail were made up for"] = round(
            time.monotonic() - back_at, 1
        )
    # Nothing periodic stands still.
    due = "SELECT NOT EXISTS (SELECT FROM django_q_schedule WHERE next_run < now() - interval '30 seconds')"
    wait_for(lambda: hosts.one(due), "what is done periodically", 90)
    assert [find(hosts, run).attempt for run in runs] == [1] * len(runs)
    assert find(hosts, running).stored == PICTURES
    assert not hosts.has_ended()
    hosts.check()


def _look(person: Browser, web: str, path: str, said: list[tuple[str, int, float]]) -> None:
    began, status = time.monotonic(), 0
    try:
        status = person.get(web, path).status
    finally:
        said.append((path, status, time.monotonic() - began))


def _order(program: Program, web: str, key: str, said: list[tuple[str, int, float]], orders: dict[str, str]) -> None:
    orders[key] = ""
    began, status = time.monotonic(), 0
    try:
        answer = program.post(web, key)
        status = answer.status
        if status == 201:
            orders[key] = answer.json["id"]
    finally:
        said.append(("order", status, time.monotonic() - began))


def _restarts(hosts: Studio) -> int:
    return sum(hosts.log(host).count("cluster restarts") for host in (*GPUS, "queue"))


def _export_of(hosts: Studio, person: Browser) -> str:
    query = (
        "SELECT status FROM generation_export export JOIN accounts_user person ON person.id = user_id WHERE email = %s"
    )
    return next((str(row[0]) for row in hosts.rows(query, person.email)), "")


def _is_mailed(hosts: Studio, person: Browser) -> bool:
    return any(person.email in mail and "Subject: Your export is ready" in mail for mail in hosts.mails())
