"""An upgrade in the midst of work: host by host, as docs/operations.md has it, and nobody is turned away."""

import time
from typing import Any

import pytest

from tests.flows.clusters import wait_for
from tests.hosts.balancer import balancer
from tests.hosts.customer import customer
from tests.hosts.people import someone
from tests.hosts.runs import await_finished
from tests.hosts.studio import GPUS, WEBS, Studio
from tests.hosts.traffic import traffic

pytestmark = pytest.mark.long

# What a host has in hand when it stops: what it draws, and what it has claimed ahead.
_IN_HAND = 2


def test_an_upgrade_turns_nobody_away(hosts: Studio, figures: dict[str, Any]) -> None:
    person = someone(hosts)
    seconds = {}
    with customer(hosts, person) as heard:
        with balancer(hosts), traffic(hosts, person) as seen:
            hosts.manage("web2", "migrate", "--verbosity", "0")
            for host in (*WEBS, "events", "queue", *GPUS):
                if host == GPUS[0]:
                    assert _attempts_beyond_the_first(hosts, seen.ordered + seen.pressed) == 0
                began = time.monotonic()
                hosts.restart(host)
                seconds[host] = round(time.monotonic() - began, 1)
        assert not seen.wrong, (seen.wrong, seen.statuses)
        runs = seen.ordered + seen.pressed
        await_finished(hosts, runs, 120)
        again = _attempts_beyond_the_first(hosts, runs)
        assert again <= _IN_HAND * len(GPUS)
        wait_for(lambda: all(any(run in text for text in heard) for run in seen.ordered), "each run's webhook", 60)
    hosts.check()
    figures["an upgrade under load: answers"] = dict(sorted(seen.statuses.items()))
    figures["an upgrade under load: slowest answer in seconds, orders wait up to 4 s for their picture"] = round(
        seen.slowest_seconds, 1
    )
    figures[f"an upgrade under load: of {len(runs)} runs drawn again"] = again
    figures["an upgrade under load: seconds until a host was back"] = seconds


def _attempts_beyond_the_first(hosts: Studio, runs: list[str]) -> int:
    query = "SELECT coalesce(sum(attempt - 1), 0) FROM generation_job WHERE attempt > 1 AND id = ANY(%s::uuid[])"
    return int(hosts.one(query, runs))
